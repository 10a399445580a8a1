# One image for all programs: api, worker, dashboard, migrate and carillon-admin differ only in their command. The
# simulator is a target of its own (--target simulator), so that nothing of it is in the production image.
FROM node:24-slim AS packages
WORKDIR /app
# The manifests alone first, so that a source change does not reinstall everything.
COPY package.json package-lock.json .npmrc ./
COPY apps/admin/package.json apps/admin/
COPY apps/api/package.json apps/api/
COPY apps/dashboard/package.json apps/dashboard/
COPY apps/worker/package.json apps/worker/
COPY db/package.json db/
COPY packages/client/package.json packages/client/
COPY packages/core/package.json packages/core/
COPY packages/limiter/package.json packages/limiter/
COPY packages/providers/package.json packages/providers/
COPY packages/queue/package.json packages/queue/
COPY packages/services/package.json packages/services/
COPY packages/telemetry/package.json packages/telemetry/
# Without dev packages, and without the optional ones that npm start and npm test use to bring Node and PostgreSQL
# along.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM packages AS simulator
COPY apps/simulator/package.json apps/simulator/
RUN npm ci --omit=dev --omit=optional --ignore-scripts
COPY packages ./packages
COPY apps/simulator ./apps/simulator
# The simulator's ledger.
RUN mkdir /data && chown node:node /data
USER node
CMD ["node", "apps/simulator/src/main.ts"]

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
# The layout of the checkout: Node runs our TypeScript only where its real path lies outside node_modules, so the
# links that npm makes for workspaces must lead to these very directories.
COPY --from=packages /app ./
COPY apps/admin ./apps/admin
COPY apps/api ./apps/api
COPY apps/dashboard ./apps/dashboard
COPY apps/worker ./apps/worker
COPY db ./db
COPY packages ./packages
# docker compose exec api carillon-admin ...
RUN ln -s /app/apps/admin/bin/carillon-admin.mjs /usr/local/bin/carillon-admin
# Halves the start time of each program; db/drizzle-modules.ts explains why.
ENV NODE_OPTIONS="--import=/app/db/drizzle-modules.ts"
# Owned by root and run as another user: a compromised program cannot change itself.
USER node
CMD ["node", "apps/api/src/main.ts"]
