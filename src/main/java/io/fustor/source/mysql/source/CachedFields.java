package io.fustor.source.mysql.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.json.JsonMapper;

/// The fields of a source's tables in their stored form: a compressed JSON object with the key
/// `properties`. A request body is read into it token by token, because the fields of 200,000
/// columns need about 25 MB as text and several times that as objects.
///
/// @param compressed gzip of UTF-8
@JsonDeserialize(using = CachedFields.Reader.class)
@SuppressWarnings("ArrayRecordComponent") // never compared
record CachedFields(byte[] compressed) {

    /// Reads the response of the wizard's discovery and keeps only `properties`.
    static final class Reader extends ValueDeserializer<CachedFields> {

        @Override
        public CachedFields deserialize(JsonParser body, DeserializationContext context) {
            if (!body.isExpectedStartObjectToken()) {
                return (CachedFields) context.handleUnexpectedToken(CachedFields.class, body);
            }
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (OutputStream out = new GZIPOutputStream(compressed);
                    JsonGenerator fields = JsonMapper.shared().createGenerator(out)) {
                fields.writeStartObject();
                fields.writeName("properties");
                if (!copyProperties(body, fields)) {
                    fields.writeStartObject();
                    fields.writeEndObject();
                }
                fields.writeEndObject();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new CachedFields(compressed.toByteArray());
        }

        /// Copies the value of the first key `properties`; false if there is none.
        private static boolean copyProperties(JsonParser body, JsonGenerator fields) {
            boolean isCopied = false;
            while (body.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean isWanted = !isCopied && body.currentName().equals("properties");
                if (body.nextToken() == JsonToken.START_OBJECT && isWanted) {
                    fields.copyCurrentStructure(body);
                    isCopied = true;
                } else {
                    body.skipChildren();
                }
            }
            return isCopied;
        }
    }
}
