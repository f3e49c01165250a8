package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fustor.source.mysql.support.LocalService;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The AsyncAPI document that a running service serves, judged by the schema of its specification.
class AsyncApiIT {

    @Test
    void documentIsAsItsSpecificationSays() throws IOException {
        Schema specification =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                        .getSchema(
                                Files.readString(
                                        NpmTool.file(
                                                "@asyncapi/specs/schemas/3.0.0-without-$id.json")),
                                InputFormat.JSON);
        try (LocalService service = LocalService.start(Map.of())) {
            String document = service.get("/v3/asyncapi").body();

            assertThat(errors(specification, document)).isEmpty();
            assertThat(
                            errors(
                                    specification,
                                    document.replace("\"action\":\"send\"", "\"action\":\"post\"")))
                    .isNotEmpty();
            assertThat(errors(specification, document.replace("\"channels\":", "\"streams\":")))
                    .isNotEmpty();
        }
    }

    private static List<Error> errors(Schema specification, String document) {
        return specification.validate(document, InputFormat.JSON);
    }
}
