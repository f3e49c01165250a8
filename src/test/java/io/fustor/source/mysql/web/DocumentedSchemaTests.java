package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DocumentedSchemaTests {

    private static final JsonNode DOCUMENT =
            JsonMapper.shared()
                    .readTree(
                            """
                            {"components": {"schemas": {
                              "Point": {"type": "object", "required": ["x"], "properties": {
                                "x": {"type": "integer"},
                                "next": {"oneOf": [{"$ref": "#/components/schemas/Point"}, {"type": "null"}]},
                                "state": {"type": "string", "enum": ["on", "off"]},
                                "names": {"type": ["array", "null"], "items": {"type": "string"}},
                                "more": {"type": "object", "additionalProperties": {}}}}}}}
                            """);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'x': 1}",
                "{'x': 1, 'next': null, 'names': null}",
                "{'x': 1, 'next': {'x': 2}, 'state': 'on', 'names': ['a'], 'more': {'a': [1]}}"
            })
    void takesWhatFits(String value) {
        assertThat(differences(value)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{} | $ lacks x",
                "{'x': 1.5} | $.x is no [integer]",
                "{'x': 1, 'y': 2} | $.y is not described",
                "{'x': 1, 'next': {}} | $.next is none of the choices",
                "{'x': 1, 'state': 'up'} | $.state is none of",
                "{'x': 1, 'names': ['a', 1]} | $.names[1] is no [string]",
                "[] | $ is no [object]"
            })
    void namesWhatDoesNotFit(String value, String difference) {
        assertThat(differences(value)).singleElement().asString().startsWith(difference);
    }

    @Test
    void everyFieldOfAnObjectIsLookedAt() {
        assertThat(differences("{'a': 1, 'b': 2}")).hasSize(3);
    }

    private static List<String> differences(String value) {
        return new DocumentedSchema(DOCUMENT)
                .differences(
                        JsonMapper.shared().readTree(value.replace('\'', '"')),
                        DOCUMENT.at("/components/schemas/Point"));
    }
}
