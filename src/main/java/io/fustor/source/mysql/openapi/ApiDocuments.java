package io.fustor.source.mysql.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import io.fustor.source.mysql.access.AccessRule;
import io.fustor.source.mysql.access.Role;
import io.fustor.source.mysql.access.SessionCookie;
import io.fustor.source.mysql.grant.Sight;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// The OpenAPI document, at the usual path and at Fustor's path. Controllers describe their own
/// operations. This class adds what all operations share.
@Configuration(proxyBeanMethods = false)
public class ApiDocuments implements WebMvcConfigurer {

    static {
        SpringDocUtils.getConfig().addRequestWrapperToIgnore(Sight.class);
    }

    private static final String BEARER = "bearer";
    private static final String COOKIE = "session";

    private static final String ABOUT =
            """
            Turns MySQL servers into change feeds over Server-Sent Events and NDJSON.

            Every failure is answered with a problem (RFC 9457) in `application/problem+json`, whatever the request \
            accepts; its `detail` says to a person what is wrong and what to do, as all that is said to people in English or, \
            where `Accept-Language` prefers it, in Simplified Chinese. A query parameter that an operation \
            does not have, one that is given twice and one without a value are refused with 400. Where tokens are \
            configured, a request sends one as `Authorization: Bearer …` or with the cookie of a session.""";

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("fustor-source-mysql")
                                .description(ABOUT)
                                .version("1")
                                .license(
                                        new License()
                                                .name("Apache-2.0")
                                                .url(
                                                        "https://www.apache.org/licenses/LICENSE-2.0")))
                // Relative to the address of the document, which may be that of a proxy.
                .addServersItem(
                        new Server().url("/").description("The service that serves this document."))
                .components(
                        new Components()
                                .addSecuritySchemes(
                                        BEARER,
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.HTTP)
                                                .scheme("bearer")
                                                .description(
                                                        "`Authorization: Bearer` with the secret of"
                                                                + " one of `fustor.security.tokens`,"
                                                                + " the secret of a reader, or a"
                                                                + " JWT."))
                                .addSecuritySchemes(
                                        COOKIE,
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.APIKEY)
                                                .in(SecurityScheme.In.COOKIE)
                                                .name(SessionCookie.NAME)
                                                .description(
                                                        "The cookie that `POST /api/session` sets"
                                                                + " in exchange for a token.")));
    }

    /// Adds the failures and the required role of every operation, from [AccessRule]. A security
    /// requirement may contain role names since OpenAPI 3.1. This runs last, because the generator
    /// drops unreferenced components earlier.
    @Bean
    OpenApiCustomizer everyOperation() {
        return document -> {
            ProblemSchemas.addTo(document);
            StreamSchemas.addTo(document);
            document.getPaths()
                    .forEach(
                            (path, item) ->
                                    item.readOperationsMap()
                                            .forEach(
                                                    (method, operation) -> {
                                                        Role role = role(method, path);
                                                        operation.setSecurity(wanted(role));
                                                        ProblemSchemas.addTo(operation, role);
                                                        operation.addParametersItem(language());
                                                        operation
                                                                .getParameters()
                                                                .forEach(ApiDocuments::keepText);
                                                    }));
        };
    }

    /// The generator reads an example as JSON. Text that looks like a number stays text.
    private static void keepText(Parameter parameter) {
        Schema<?> schema = parameter.getSchema();
        Object example = parameter.getExample();
        boolean isNumber =
                example instanceof Number || (example instanceof JsonNode node && node.isNumber());
        if (isNumber && schema != null && isText(schema)) {
            parameter.setExample(example.toString());
        }
    }

    private static boolean isText(Schema<?> schema) {
        return "string".equals(schema.getType())
                || (schema.getTypes() != null && schema.getTypes().contains("string"));
    }

    private static @Nullable Role role(PathItem.HttpMethod method, String path) {
        return AccessRule.roleFor(HttpMethod.valueOf(method.name()), path);
    }

    private static List<SecurityRequirement> wanted(@Nullable Role role) {
        if (role == null) {
            return List.of(new SecurityRequirement());
        }
        return List.of(
                new SecurityRequirement().addList(BEARER, role.text()),
                new SecurityRequirement().addList(COOKIE, role.text()));
    }

    /// Sorts paths and tags, whose order would otherwise change at each start. It also adds the
    /// language header, because each operation can return text for people, at least in a failure.
    private static Parameter language() {
        return new HeaderParameter()
                .name(HttpHeaders.ACCEPT_LANGUAGE)
                .description(
                        "The language of text for people: Simplified Chinese if the"
                                + " request prefers any Chinese to English, otherwise English.")
                .example("zh-CN")
                .schema(new StringSchema()._default("en"));
    }

    @Bean
    OpenApiCustomizer inOrder() {
        return document -> {
            Paths paths = new Paths();
            new TreeMap<>(document.getPaths()).forEach(paths::addPathItem);
            document.setPaths(paths);
            document.setTags(
                    document.getTags().stream()
                            .sorted(Comparator.comparing(Tag::getName))
                            .toList());
        };
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "springdoc.api-docs.enabled", matchIfMissing = true)
    ModelResolver recordSchemas(ObjectMapperProvider mappers) {
        return new RecordSchemas(mappers.jsonMapper());
    }

    @Override
    public void addViewControllers(ViewControllerRegistry registry) {
        registry.addViewController("/openapi.json").setViewName("forward:/v3/api-docs");
    }
}
