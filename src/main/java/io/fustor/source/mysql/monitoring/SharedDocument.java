package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.instance.SharedViews;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The form of what an instance shows to others: JSON, compressed by gzip.
final class SharedDocument {

    private static final Logger LOG = LoggerFactory.getLogger(SharedDocument.class);

    private static final JsonMapper JSON = JsonMapper.shared();

    private SharedDocument() {}

    static byte[] of(Object content) {
        var bytes = new ByteArrayOutputStream();
        try (var zipped = new GZIPOutputStream(bytes)) {
            zipped.write(JSON.writeValueAsBytes(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// A document of another instance; null if its version writes none, or another form.
    static <T> @Nullable T read(
            SharedViews.View view, SharedViews.Kind kind, TypeReference<T> form) {
        byte[] document = view.documents().get(kind);
        if (document == null) {
            return null;
        }
        try (var unzipped = new GZIPInputStream(new ByteArrayInputStream(document))) {
            return JSON.readValue(unzipped, form);
        } catch (IOException | JacksonException e) {
            LOG.debug("the view of {} cannot be read", view.instance(), e);
            return null;
        }
    }
}
