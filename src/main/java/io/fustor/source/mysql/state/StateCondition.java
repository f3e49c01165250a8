package io.fustor.source.mysql.state;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/// Whether the state database can be used. It cannot from a failure until a write succeeds. Any
/// thread may use it.
@Component
class StateCondition {

    private static final Logger LOG = LoggerFactory.getLogger(StateCondition.class);

    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();

    /// @param reason in the database's own words
    record Failure(Instant since, String reason) {}

    /// The current failure, or null.
    @Nullable Failure failure() {
        return failure.get();
    }

    /// A write succeeded.
    void worked() {
        Failure former = failure.get();
        if (former != null && failure.compareAndSet(former, null)) {
            LOG.info("state=UP since={} writable again", Instant.now());
        }
    }

    /// Records a failure. Returns the exception for the request that it affects.
    SourceException failed(Throwable cause) {
        Throwable first = NestedExceptionUtils.getMostSpecificCause(cause);
        String reason = first.toString();
        if (failure.compareAndSet(null, new Failure(Instant.now(), reason))) {
            LOG.error("state=DOWN nothing can be stored reason={}", reason, cause);
        }
        return new SourceException(
                FailureCode.STATE_UNAVAILABLE,
                "The state database is unavailable, so nothing was stored. The service's log"
                        + " and the health component state give the reason. Try again later.",
                cause);
    }

    /// Makes a pool begin again when its embedded database has closed. H2 closes it for all
    /// connections at the first write that fails, and reopens it only when they are gone.
    void watch(HikariDataSource pool) {
        pool.setExceptionOverride(
                new SQLExceptionOverride() {
                    @java.lang.Override
                    public Override adjudicate(SQLException e) {
                        if (!H2Errors.isOfFile(e)) {
                            return Override.CONTINUE_EVICT;
                        }
                        failed(e);
                        HikariPoolMXBean connections = pool.getHikariPoolMXBean();
                        if (connections != null) {
                            connections.softEvictConnections();
                        }
                        return Override.MUST_EVICT;
                    }
                });
    }
}
