package io.fustor.source.mysql.console;

import io.fustor.source.mysql.error.Sentence;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Locale;
import java.util.Map;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// `/console/messages`: the words of the console, from the same files as all other text for people.
@RestController
@Tag(name = "Console", description = "The web page for people")
class ConsoleController {

    private static final String PREFIX = "console.";

    /// The words.
    @Schema(name = "ConsoleMessages", description = "The words of the console.")
    record Messages(
            @Schema(description = "The language of the words.", example = "en") String language,
            @Schema(description = "The words by their keys, with gaps such as {0}.")
                    Map<String, String> messages) {}

    @GetMapping("/console/messages")
    @Operation(
            operationId = "getConsoleMessages",
            summary = "Get the words of the console",
            description =
                    "In the language of the request. They are the same in every installation.")
    @ApiResponse(responseCode = "200", description = "The words.")
    ResponseEntity<Messages> messages(Locale language) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_LANGUAGE)
                .body(new Messages(language.getLanguage(), Sentence.patterns(PREFIX, language)));
    }

    /// Where the console is.
    @Configuration(proxyBeanMethods = false)
    static class Addresses implements WebMvcConfigurer {

        @Override
        public void addViewControllers(ViewControllerRegistry registry) {
            registry.addRedirectViewController("/", "/console/");
            registry.addRedirectViewController("/console", "/console/");
            registry.addViewController("/console/").setViewName("forward:/console/index.html");
        }
    }
}
