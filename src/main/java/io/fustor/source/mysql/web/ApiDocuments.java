package io.fustor.source.mysql.web;

import static org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// The document of the whole interface: at the usual path, and where Fustor looks for it.
@Configuration(proxyBeanMethods = false)
class ApiDocuments implements WebMvcConfigurer {

    private static final String BEARER = "bearer";
    private static final String COOKIE = "session";

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("fustor-source-mysql")
                                .description(
                                        "Turns MySQL servers into change feeds over Server-Sent"
                                                + " Events. Failures are answered as problems (RFC"
                                                + " 9457).")
                                .version("1")
                                .license(
                                        new License()
                                                .name("Apache-2.0")
                                                .url(
                                                        "https://www.apache.org/licenses/LICENSE-2.0")))
                .components(
                        new Components()
                                .addSecuritySchemes(
                                        BEARER,
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.HTTP)
                                                .scheme("bearer"))
                                .addSecuritySchemes(
                                        COOKIE,
                                        new SecurityScheme()
                                                .type(SecurityScheme.Type.APIKEY)
                                                .in(SecurityScheme.In.COOKIE)
                                                .name(SessionCookie.NAME)));
    }

    private static Schema<?> problem() {
        return new Schema<>()
                .type("object")
                .description("What went wrong (RFC 9457)")
                .addProperty("type", new StringSchema().example("about:blank"))
                .addProperty("title", new StringSchema().example("Conflict"))
                .addProperty("status", new IntegerSchema().example(409))
                .addProperty(
                        "detail",
                        new StringSchema()
                                .description("what is wrong, and what to do about it")
                                .example("The source shop is disabled; enable it first."))
                .addProperty("instance", new StringSchema().example("/api/sources/shop/events"));
    }

    /// Every operation may fail, and always in the same form. Added last, for what nothing refers
    /// to is dropped from a document before.
    @Bean
    OpenApiCustomizer problemsOfOperations() {
        return document -> {
            document.getComponents().addSchemas("Problem", problem());
            document.getPaths().values().stream()
                    .flatMap(path -> path.readOperations().stream())
                    .forEach(ApiDocuments::addProblem);
        };
    }

    /// Says of each operation which role it wants, as [AccessRule] has it. Role names may stand in
    /// a security requirement since OpenAPI 3.1.
    @Bean
    OpenApiCustomizer rolesOfOperations() {
        return document ->
                document.getPaths()
                        .forEach(
                                (path, item) ->
                                        item.readOperationsMap()
                                                .forEach(
                                                        (method, operation) ->
                                                                operation.setSecurity(
                                                                        wanted(method, path))));
    }

    private static List<SecurityRequirement> wanted(PathItem.HttpMethod method, String path) {
        Role role = AccessRule.roleFor(HttpMethod.valueOf(method.name()), path);
        if (role == null) {
            return List.of(new SecurityRequirement());
        }
        return List.of(
                new SecurityRequirement().addList(BEARER, role.text()),
                new SecurityRequirement().addList(COOKIE, role.text()));
    }

    private static void addProblem(Operation operation) {
        Schema<?> problem = new Schema<>().$ref("#/components/schemas/Problem");
        operation
                .getResponses()
                .addApiResponse(
                        ApiResponses.DEFAULT,
                        new ApiResponse()
                                .description("a problem")
                                .content(
                                        new Content()
                                                .addMediaType(
                                                        APPLICATION_PROBLEM_JSON_VALUE,
                                                        new MediaType().schema(problem))));
    }

    /// The documents are made with Jackson 2, which does not know how Spring's Jackson 3 names
    /// things.
    @Bean
    @ConditionalOnBooleanProperty(name = "springdoc.api-docs.enabled", matchIfMissing = true)
    ModelResolver namesAsInAnswers(ObjectMapperProvider mappers) {
        return new ModelResolver(
                        mappers.jsonMapper()
                                .copy()
                                .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE))
                .openapi31(true);
    }

    @Override
    public void addViewControllers(ViewControllerRegistry registry) {
        registry.addViewController("/openapi.json").setViewName("forward:/v3/api-docs");
    }
}
