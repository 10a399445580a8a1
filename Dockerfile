# One image for all programs: api, worker, dashboard, migrate and simulator differ only in their command.
FROM node:24-slim AS packages
WORKDIR /app
# The manifests alone first, so that a change of source does not install everything anew.
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/worker/package.json apps/worker/
COPY db/package.json db/
COPY packages/client/package.json packages/client/
COPY packages/core/package.json packages/core/
COPY packages/providers/package.json packages/providers/
COPY packages/queue/package.json packages/queue/
# Without dev packages, and without the optional ones that npm start and npm test use to bring Node and PostgreSQL along.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
# The layout of the checkout: Node runs our TypeScript only where its real path lies outside node_modules, so the
# links that npm makes for workspaces must lead to these very directories.
COPY --from=packages /app ./
COPY package.json ./
COPY apps ./apps
COPY db ./db
COPY packages ./packages
# The simulator's ledger; every other program writes nothing.
RUN mkdir /data && chown node:node /data
# Belongs to root and runs as somebody else: a program that is taken over cannot change itself.
USER node
CMD ["node", "apps/api/src/main.ts"]
