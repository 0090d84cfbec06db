# The product as it is, on the Node that it is tested with.
FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
# DATA_DIR holds the spool for the time in which Kafka is away: it must survive a restart of the container.
ENV NODE_ENV=production DATA_DIR=/data
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
ENTRYPOINT ["node", "start.ts"]
