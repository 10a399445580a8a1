# One image for all programs: api, worker, dashboard, migrate and carillon-admin differ only in their command. The
# simulator and the proxy are targets of their own (--target simulator), so that nothing of them is in the
# production image.
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
COPY packages/inbox/package.json packages/inbox/
COPY packages/limiter/package.json packages/limiter/
COPY packages/providers/package.json packages/providers/
COPY packages/queue/package.json packages/queue/
COPY packages/services/package.json packages/services/
COPY packages/telemetry/package.json packages/telemetry/
# Without dev packages, and without the optional ones that npm start and npm test use to bring Node and PostgreSQL
# along.
RUN npm ci --omit=dev --omit=optional --ignore-scripts
COPY deploy/image ./deploy/image
RUN deploy/image/prune-packages.sh node_modules && deploy/image/base-files.sh /base && mkdir /backups

# The pages of the dashboard and the inbox component, built as "npm install" builds them in a checkout.
FROM packages AS pages
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json ./
COPY packages ./packages
COPY apps/dashboard/ui ./apps/dashboard/ui
RUN node apps/dashboard/ui/build.ts && node packages/inbox/build.ts

FROM packages AS simulator
COPY apps/simulator/package.json apps/simulator/
RUN npm ci --omit=dev --omit=optional --ignore-scripts
COPY packages ./packages
COPY --from=pages /app/packages/inbox/dist ./packages/inbox/dist
COPY apps/simulator ./apps/simulator
# The simulator's ledger.
RUN mkdir /data && chown node:node /data
USER node
CMD ["node", "apps/simulator/src/main.ts"]

# The proxy with TLS (profile `tls`). The copy of Caddy has no file capability: with one it does not start where all
# capabilities are dropped.
FROM caddy:2.11.4 AS tls
RUN cp /usr/bin/caddy /usr/local/bin/caddy && mkdir /certificates && chown 1000:1000 /certificates
ENV XDG_DATA_HOME=/certificates XDG_CONFIG_HOME=/tmp
USER 1000:1000

# Only Node, its libraries and the programs: 211 MB, without a shell or anything else that an intruder could use.
FROM scratch
COPY --from=packages /base /
WORKDIR /app
ENV NODE_ENV=production PATH=/usr/local/bin:/usr/bin
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
# The layout of the checkout: Node runs our TypeScript only where its real path lies outside node_modules, so the
# links that npm makes for workspaces must lead to these very directories.
COPY apps/admin ./apps/admin
COPY apps/api ./apps/api
COPY apps/dashboard ./apps/dashboard
COPY --from=pages /app/apps/dashboard/ui/dist ./apps/dashboard/ui/dist
COPY apps/worker ./apps/worker
COPY db ./db
COPY packages ./packages
COPY --from=pages /app/packages/inbox/dist ./packages/inbox/dist
# For the profile `backups`: a volume gets the owner of the directory on which it is mounted first.
COPY --from=packages --chown=1000:1000 /backups /backups
# Halves the start time of each program; db/drizzle-modules.ts explains why.
ENV NODE_OPTIONS="--import=/app/db/drizzle-modules.ts"
# The files belong to root: a compromised program cannot change itself.
USER node
CMD ["node", "apps/api/src/main.ts"]
