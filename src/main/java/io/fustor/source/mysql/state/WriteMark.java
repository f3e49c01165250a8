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

/// The number of the last write to the state that counts as stored, in a file of its own beside the
/// embedded database. H2 opens a file that was cut short at an older state of it and says nothing;
/// by this number that is noticed. May be used by any thread.
@Component
class WriteMark implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(WriteMark.class);

    private final @Nullable StateFile state;
    private @Nullable RandomAccessFile file;
    private long number;

    WriteMark(Environment environment) {
        this.state = StateFile.of(environment);
    }

    /// Whether there is such a number: not where the database is not the embedded one.
    boolean isKept() {
        return state != null;
    }

    /// What the file says; 0 where there is none.
    ///
    /// @throws NumberFormatException where it says something else
    static long read(Path file) throws IOException {
        return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    }

    /// The number of the last write that counts as stored.
    synchronized long number() {
        return number;
    }

    /// What the database holds when it is opened.
    synchronized void begin(long stored) {
        number = stored;
    }

    /// Notes a write, before anybody is told that it is stored.
    synchronized void raise(long written) {
        if (state == null || written <= number) {
            return;
        }
        number = written;
        try {
            RandomAccessFile open = file;
            if (open == null) {
                // Not a channel: an interrupt would close it.
                open = new RandomAccessFile(state.mark().toFile(), "rw");
                file = open;
            }
            open.seek(0);
            open.write("%019d\n".formatted(written).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The write itself is stored; only a loss of it would not be noticed.
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
