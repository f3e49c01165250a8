package io.fustor.source.mysql.support;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request whose response is read line by line as it comes.
interface FeedLines extends AutoCloseable {

    /// The next reads together take at most that long.
    void waitAtMost(Duration time);

    /// How long ago the last bytes came.
    Duration silence();

    int status() throws IOException;

    /// By lower-case name.
    Map<String, String> headers() throws IOException;

    /// The next line of the body without its end, or null where the body ends.
    ///
    /// @throws java.net.SocketTimeoutException where it does not come in time
    /// @throws IOException where the connection or the stream broke before the body's end
    @Nullable String line() throws IOException;

    /// Breaks it as a client does that dies.
    void cut();

    @Override
    void close();
}
