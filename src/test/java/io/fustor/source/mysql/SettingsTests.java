package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/// Settings that no component enables would not exist, without a word.
class SettingsTests {

    private static final List<JavaClass> CLASSES =
            new ClassFileImporter()
                            .withImportOption(new ImportOption.DoNotIncludeTests())
                            .importPackagesOf(FustorSourceMysqlApplication.class)
                            .stream()
                            .toList();

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
}
