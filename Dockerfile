# The service as an image: built by the Maven wrapper, started in less than half the time with an
# ahead-of-time cache, run by a user who owns nothing but /data.

FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
RUN command -v curl || command -v wget || { apt-get update && apt-get install -y --no-install-recommends curl; }
# .dockerignore says what that is.
COPY . .
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -ntp -DskipTests package \
    && java -Djarmode=tools -jar target/fustor-source-mysql-*.jar extract --layers --destination layers \
    && mv layers/application/fustor-source-mysql-*.jar layers/application/fustor-source-mysql.jar

FROM eclipse-temurin:25-jre
RUN useradd --system --uid 10001 --home-dir /application --shell /usr/sbin/nologin fustor \
    && mkdir /data \
    && chown fustor:fustor /data
WORKDIR /application
# What changes rarely first: an image that differs in the application only shares the other layers.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
# One run, to learn which classes and methods a start and a first request need.
RUN --mount=type=bind,from=build,source=/build/src/image,target=/image \
    bash /image/train.sh 8080 -Djdk.reflect.useNativeAccessorOnly=true

# 0.0.0.0 is what a published port needs; the service refuses it unless it is given tokens.
ENV FUSTOR_DATA_DIR=/data \
    SERVER_ADDRESS=0.0.0.0 \
    SERVER_PORT=8080
VOLUME /data
EXPOSE 8080
USER fustor

# The image may have neither curl nor wget; bash speaks TCP itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$SERVER_PORT && printf 'GET /actuator/health/liveness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]

# What is called by reflection is called by native code: making byte code for it takes part of the start, and no row
# passes there. More options for the JVM: JAVA_TOOL_OPTIONS. For the service: any property as an environment variable.
ENTRYPOINT ["java", "-XX:AOTCache=fustor-source-mysql.aot", "-Djdk.reflect.useNativeAccessorOnly=true", "-XX:MaxRAMPercentage=75", "-XX:+ExitOnOutOfMemoryError", "-jar", "fustor-source-mysql.jar"]
