# The service as an image: built by the Maven wrapper, started in less than half the time with an
# ahead-of-time cache, run by a user who owns nothing but /data.

FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
RUN command -v curl || command -v wget || { apt-get update && apt-get install -y --no-install-recommends curl; }
# .dockerignore says what that is.
COPY . .
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -ntp -Dmaven.test.skip package \
    && java -Djarmode=tools -jar target/fustor-source-mysql-*.jar extract --layers --destination layers \
    && mv layers/application/fustor-source-mysql-*.jar layers/application/fustor-source-mysql.jar

FROM eclipse-temurin:25-jre
# The health check asks over TLS with it where the service speaks that.
RUN command -v openssl \
    || { apt-get update && apt-get install -y --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*; }
# By number everywhere: volumes keep them, and an orchestrator that refuses root (runAsNonRoot) cannot look names up.
RUN groupadd --system --gid 10001 fustor \
    && useradd --system --uid 10001 --gid 10001 --home-dir /application --shell /usr/sbin/nologin fustor \
    && install -d -o 10001 -g 10001 -m 0700 /data
WORKDIR /application
# What changes rarely first: an image that differs in the application only shares the other layers.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
COPY --from=build /build/src/image/health.sh ./
COPY --from=build /build/src/image/java.options ./
# One run, to learn which classes a start and a first request need.
RUN --mount=type=bind,from=build,source=/build/src/image,target=/image \
    bash /image/train.sh

ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="fustor-source-mysql" \
      org.opencontainers.image.description="Turns a MySQL server into a change feed over Server-Sent Events" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# 0.0.0.0 is what a published port needs; the service refuses it unless it is given tokens.
ENV FUSTOR_DATA_DIR=/data \
    FUSTOR_HEALTH_FILE=/tmp/fustor-health \
    SERVER_ADDRESS=0.0.0.0 \
    SERVER_PORT=8080
VOLUME /data
EXPOSE 8080
USER 10001:10001

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["bash", "/application/health.sh", "/tmp/fustor-health"]

# More options for the JVM: JAVA_TOOL_OPTIONS. For the service: any property as an environment variable.
ENTRYPOINT ["java", "@java.options", "-XX:AOTCache=fustor-source-mysql.aot", "-XX:MaxRAMPercentage=75", "-XX:+ExitOnOutOfMemoryError", "-jar", "fustor-source-mysql.jar"]
