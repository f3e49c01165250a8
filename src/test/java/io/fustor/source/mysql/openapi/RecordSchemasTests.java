package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverterContextImpl;
import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordSchemasTests {

    record Inner(int number) {}

    record Outer(
            String alwaysThere,
            @Nullable Long sometimes,
            @Nullable Inner inner,
            @Nullable List<String> words,
            Map<String, Object> more,
            @io.swagger.v3.oas.annotations.media.Schema(
                            requiredMode =
                                    io.swagger.v3.oas.annotations.media.Schema.RequiredMode
                                            .REQUIRED)
                    @Nullable String checkedLater) {}

    static final class Elsewhere {
        record Inner(String text) {}
    }

    private final RecordSchemas schemas = new RecordSchemas(new ObjectMapper());
    private final ModelConverterContextImpl context = new ModelConverterContextImpl(schemas);

    @Test
    void fieldsAreThereUnlessTheyMayBeNull() {
        Schema<?> outer = resolve(Outer.class);

        assertThat(outer.getRequired())
                .containsExactlyInAnyOrder("always_there", "more", "checked_later");
        assertThat(property(outer, "always_there").getTypes()).containsExactly("string");
        assertThat(property(outer, "sometimes").getTypes())
                .containsExactlyInAnyOrder("integer", "null");
        assertThat(property(outer, "words").getTypes()).containsExactlyInAnyOrder("array", "null");
        assertThat(property(outer, "checked_later").getTypes()).containsExactly("string");
    }

    @Test
    void whatMayBeNullRefersToTheSchemaOrNothing() {
        Schema<?> inner = property(resolve(Outer.class), "inner");

        assertThat(inner.getOneOf()).hasSize(2);
        assertThat(inner.getOneOf().getFirst().get$ref()).isEqualTo("#/components/schemas/Inner");
        assertThat(inner.getOneOf().getLast().getTypes()).containsExactly("null");
    }

    @Test
    void resolvingTwiceChangesNothing() {
        String once = resolve(Outer.class).toString();

        assertThat(resolve(Outer.class)).hasToString(once);
    }

    @Test
    void refusesTwoRecordsOfOneName() {
        resolve(Inner.class);

        assertThatThrownBy(() -> resolve(Elsewhere.Inner.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("both called Inner");
    }

    private Schema<?> resolve(Class<?> type) {
        context.resolve(new AnnotatedType(type).resolveAsRef(true));
        return context.getDefinedModels().get(type.getSimpleName());
    }

    private static Schema<?> property(Schema<?> schema, String name) {
        return schema.getProperties().get(name);
    }
}
