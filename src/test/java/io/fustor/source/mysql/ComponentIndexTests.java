package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/// What Spring is told instead of searching all classes at each start. A component that is not
/// named would not exist, without a word.
class ComponentIndexTests {

    private static final String INDEX = "/META-INF/spring.components";

    private static final List<JavaClass> CLASSES =
            new ClassFileImporter()
                            .withImportOption(new ImportOption.DoNotIncludeTests())
                            .importPackagesOf(FustorSourceMysqlApplication.class)
                            .stream()
                            .toList();

    @Test
    void namesEveryComponentAndNothingElse() throws IOException {
        List<String> components =
                CLASSES.stream()
                        .filter(type -> !type.isAnnotation())
                        .filter(
                                type ->
                                        type.isAnnotatedWith(Component.class)
                                                || type.isMetaAnnotatedWith(Component.class))
                        .filter(type -> !type.isEquivalentTo(FustorSourceMysqlApplication.class))
                        .map(JavaClass::getName)
                        .toList();

        Properties index = index();

        assertThat(components).isNotEmpty();
        assertThat(index.stringPropertyNames()).containsExactlyInAnyOrderElementsOf(components);
        assertThat(index.values()).containsOnly(Component.class.getName());
    }

    @Test
    void everyRecordOfSettingsIsEnabledByAComponent() {
        List<String> settings =
                CLASSES.stream()
                        .filter(type -> type.isAnnotatedWith(ConfigurationProperties.class))
                        .map(JavaClass::getName)
                        .toList();

        List<String> enabled =
                CLASSES.stream()
                        .filter(type -> type.isAnnotatedWith(EnableConfigurationProperties.class))
                        .map(type -> type.getAnnotationOfType(EnableConfigurationProperties.class))
                        .flatMap(annotation -> List.of(annotation.value()).stream())
                        .map(Class::getName)
                        .distinct()
                        .toList();

        assertThat(enabled).isNotEmpty().containsExactlyInAnyOrderElementsOf(settings);
    }

    private static Properties index() throws IOException {
        Properties index = new Properties();
        try (var in =
                Objects.requireNonNull(
                        FustorSourceMysqlApplication.class.getResourceAsStream(INDEX))) {
            index.load(in);
        }
        return index;
    }
}
