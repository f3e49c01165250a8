package io.fustor.source.mysql.binlog;

import com.github.luben.zstd.util.Native;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The native library that decompresses transactions (`binlog_transaction_compression`). It is
/// extracted to a temporary folder and loaded at the service's start. A folder that is not
/// writable, or mounted with `noexec`, is therefore detected then and not at the first compressed
/// transaction.
public final class ZstdLibrary {

    private static final Logger log = LoggerFactory.getLogger(ZstdLibrary.class);

    private static final @Nullable String FAILURE = load();

    private ZstdLibrary() {}

    private static @Nullable String load() {
        try {
            Native.load();
            return Native.isLoaded() ? null : "it was not loaded";
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Throwable e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }

    /// Loads the library unless it is loaded.
    ///
    /// @return the reason of a failure and what to do; null if it is loaded
    public static @Nullable String failure() {
        String failure = FAILURE;
        return failure == null
                ? null
                : "compressed transactions cannot be unpacked, since the library zstd-jni cannot be"
                        + " loaded from "
                        + folder()
                        + " ("
                        + failure
                        + "): let java.io.tmpdir, or ZstdTempFolder, name a folder that can be"
                        + " written and is not mounted noexec";
    }

    private static String folder() {
        return System.getProperty("ZstdTempFolder", System.getProperty("java.io.tmpdir", "/tmp"));
    }

    /// Logs a failure to load the library.
    public static void loadAtStart() {
        String failure = failure();
        if (failure != null) {
            log.error("{}", failure);
        }
    }

    /// @throws SourceException `LIBRARY_MISSING` if it cannot be loaded
    static void require() {
        String failure = failure();
        if (failure != null) {
            throw new SourceException(FailureCode.LIBRARY_MISSING, failure);
        }
    }
}
