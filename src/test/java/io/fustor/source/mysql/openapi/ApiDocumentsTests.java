package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ApiDocumentsTests {

    @Test
    void serviceStartsWithoutDocuments() {
        new ApplicationContextRunner()
                .withUserConfiguration(ApiDocuments.class)
                .withPropertyValues("springdoc.api-docs.enabled=false")
                .run(context -> assertThat(context).hasNotFailed());
    }
}
