package io.fustor.source.mysql.openapi;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Builds the schemas of the OpenAPI document. The schema of a record follows its components: a
/// field is null or absent only if the component is `@Nullable`.
///
/// The document is built with Jackson 2, which does not know the naming of Spring's Jackson 3.
/// Therefore this class sets the names.
final class RecordSchemas extends ModelResolver {

    private static final String NULL = "null";
    private static final String SCHEMAS = "#/components/schemas/";

    private static final PropertyNamingStrategies.SnakeCaseStrategy NAMES =
            new PropertyNamingStrategies.SnakeCaseStrategy();

    private final Map<String, Class<?>> names = new ConcurrentHashMap<>();

    /// @param mapper is copied
    RecordSchemas(ObjectMapper mapper) {
        super(mapper.copy().setPropertyNamingStrategy(NAMES));
        openapi31(true);
    }

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> next) {
        Schema<?> resolved = super.resolve(type, context, next);
        if (resolved == null || type.getType() == null) {
            return resolved;
        }
        Class<?> java = _mapper.constructType(type.getType()).getRawClass();
        String reference = resolved.get$ref();
        if (java.isRecord() && reference != null && reference.startsWith(SCHEMAS)) {
            String name = reference.substring(SCHEMAS.length());
            requireOwnName(name, java);
            Schema<?> model = context.getDefinedModels().get(name);
            if (model != null && model.getProperties() != null) {
                for (RecordComponent component : java.getRecordComponents()) {
                    describe(model, component);
                }
            }
        }
        return resolved;
    }

    /// Without this check, one of two records with the same name would be described as the other.
    private void requireOwnName(String name, Class<?> java) {
        Class<?> other = names.putIfAbsent(name, java);
        if (other != null && other != java) {
            throw new IllegalStateException(
                    other + " and " + java + " are both called " + name + "; name one by @Schema");
        }
    }

    @SuppressWarnings("rawtypes") // as the library declares it
    private static void describe(Schema<?> model, RecordComponent component) {
        String name = NAMES.translate(component.getName());
        Map<String, Schema> properties = model.getProperties();
        Schema<?> property = properties.get(name);
        if (property == null) {
            return;
        }
        List<String> required =
                model.getRequired() == null ? List.of() : List.copyOf(model.getRequired());
        if (required.contains(name)) {
            return;
        }
        if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
            properties.put(name, orNull(property));
            return;
        }
        List<String> more = new ArrayList<>(required);
        more.add(name);
        model.setRequired(more);
    }

    private static Schema<?> orNull(Schema<?> property) {
        if (property.getOneOf() != null || property.getEnum() != null) {
            return property;
        }
        if (property.get$ref() != null) {
            Schema<?> either = new Schema<>();
            either.setDescription(property.getDescription());
            property.setDescription(null);
            either.addOneOfItem(property);
            either.addOneOfItem(new Schema<>().types(new TreeSet<>(List.of(NULL))));
            return either;
        }
        if (property.getTypes() != null) {
            property.addType(NULL);
        }
        return property;
    }
}
