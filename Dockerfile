# One file, one target per tier: docker build --target edge-cache .
# The tiers are TypeScript that Node runs as it stands, so there is nothing to build: production dependencies, then the
# tier's own files.

FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY kit/package.json kit/
COPY edge-cache/package.json edge-cache/
COPY static-frontend/package.json static-frontend/
COPY app-backend/package.json app-backend/
COPY topology/package.json topology/
COPY e2e/package.json e2e/
COPY e2e/conformance/no-npm/package.json e2e/conformance/no-npm/
COPY bench/package.json bench/
# The optional packages are Node itself, for machines that have another one.
RUN npm ci --omit=dev --omit=optional --no-update-notifier && npm cache clean --force

FROM node:26-bookworm-slim AS tier
# Stripped files are kept in the image: the file system is read-only when it runs.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/kit kit
COPY kit kit
RUN install -d -o node .compile-cache
# The cache belongs to the user that the tiers run as.
USER node
RUN node kit/process/health.ts --help >/dev/null

FROM tier AS app-backend
COPY --from=dependencies /app/app-backend app-backend
COPY app-backend app-backend
ENV APP_LISTEN=0.0.0.0:8000
EXPOSE 8000
HEALTHCHECK --interval=3s --timeout=3s --start-period=10s --retries=5 CMD ["node", "kit/process/health.ts", "http://127.0.0.1:9000/ready"]
RUN node app-backend/main.ts --help >/dev/null
CMD ["node", "app-backend/main.ts"]

# The same tier for Python applications: Debian's interpreter, and the packages that the sample application can use.
# What your own application needs beside them goes into an image of yours: FROM trivet/app-backend-python.
FROM tier AS app-backend-python
USER root
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends python3 python3-webob python3-werkzeug python3-flask python3-django \
  && rm -rf /var/lib/apt/lists/*
COPY --from=dependencies /app/app-backend app-backend
COPY app-backend app-backend
# Compiled here, as the file system is read-only when it runs.
RUN python3 -m compileall -q app-backend/python
USER node
ENV APP_LISTEN=0.0.0.0:8000 APP_RUNTIME=python APP_PYTHON=/usr/bin/python3 PYTHONDONTWRITEBYTECODE=1 \
  APP_CHDIR=app-backend/python APP_APPLICATION=trivet_sample:application
EXPOSE 8000
HEALTHCHECK --interval=3s --timeout=3s --start-period=10s --retries=5 CMD ["node", "kit/process/health.ts", "http://127.0.0.1:9000/ready"]
RUN node app-backend/main.ts --help >/dev/null
CMD ["node", "app-backend/main.ts"]

FROM tier AS static-frontend
COPY --from=dependencies /app/static-frontend static-frontend
COPY static-frontend static-frontend
COPY site/public site/public
# For FRONT_TEMP_DIR: a volume that is mounted here belongs to the user that the tier runs as, too.
USER root
RUN install -d -o node -m 0700 /var/spool/trivet
USER node
EXPOSE 8081
HEALTHCHECK --interval=3s --timeout=3s --start-period=10s --retries=5 CMD ["node", "kit/process/health.ts", "http://127.0.0.1:9081/ready"]
RUN node static-frontend/main.ts --help >/dev/null
CMD ["node", "static-frontend/main.ts"]

FROM tier AS edge-cache
COPY --from=dependencies /app/edge-cache edge-cache
COPY edge-cache edge-cache
EXPOSE 8080
HEALTHCHECK --interval=3s --timeout=3s --start-period=10s --retries=5 CMD ["node", "kit/process/health.ts", "http://127.0.0.1:9080/ready"]
RUN node edge-cache/main.ts --help >/dev/null
CMD ["node", "edge-cache/main.ts"]
