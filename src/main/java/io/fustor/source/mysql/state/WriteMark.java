package io.fustor.source.mysql.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// The number of the last stored write, in a file beside the embedded database. H2 silently opens a
/// truncated file at an older state; this number reveals it. Any thread may use it.
@Component
class WriteMark implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(WriteMark.class);

    private final @Nullable StateFile state;
    private @Nullable RandomAccessFile file;
    private long number;

    WriteMark(Environment environment) {
        this.state = StateFile.of(environment);
    }

    /// Whether the number is kept: only for the embedded database.
    boolean isKept() {
        return state != null;
    }

    /// The number in the file; 0 if there is no file.
    ///
    /// @throws NumberFormatException if the content is not a number
    static long read(Path file) throws IOException {
        return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    }

    /// The number of the last stored write.
    synchronized long number() {
        return number;
    }

    /// The number in the database when it is opened.
    synchronized void begin(long stored) {
        number = stored;
    }

    /// Records a write, before any caller learns that it is stored.
    synchronized void raise(long written) {
        if (state == null || written <= number) {
            return;
        }
        number = written;
        try {
            RandomAccessFile open = file;
            if (open != null && !Files.exists(state.mark())) {
                open.close();
                open = null;
            }
            if (open == null) {
                OwnerOnly.makeFile(state.mark());
                // Not a channel: an interrupt would close it.
                open = new RandomAccessFile(state.mark().toFile(), "rw");
                file = open;
            }
            open.seek(0);
            open.write("%019d\n".formatted(written).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The write itself is stored; only its later loss would not be noticed.
            LOG.warn("file={} cannot be written reason={}", state.mark(), e.toString());
        }
    }

    @Override
    public synchronized void destroy() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
