package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One attempt to connect to a server and log in. The host's name is looked up once, and only
/// addresses that [HostRule] allows are used. The whole attempt takes at most the connect timeout,
/// even if the server greets byte by byte, without end, or not at all.
///
/// It runs on a thread of its own, since neither a lookup nor a handshake is certain to end. The
/// thread is a platform thread, since a lookup blocks a virtual thread's carrier.
public final class ConnectAttempt {

    private final ServerAccess access;
    private final long deadline;
    private volatile List<InetAddress> addresses = List.of();
    private volatile @Nullable GuardedSocket socket;
    private volatile boolean abandoned;

    /// Connects and logs in with the attempt's socket.
    public interface Opening<T> {
        T open(ConnectAttempt attempt) throws IOException;
    }

    private ConnectAttempt(ServerAccess access) {
        this.access = access;
        this.deadline = System.nanoTime() + access.connection().connectTimeout().toNanos();
    }

    /// Runs an attempt. Any thread may call this; it blocks at most for the connect timeout.
    ///
    /// @return the opening's result; a result that comes too late is closed
    /// @throws SourceException with the reason why there is no connection
    public static <T extends AutoCloseable> T run(ServerAccess access, Opening<T> opening) {
        ConnectAttempt attempt = new ConnectAttempt(access);
        CompletableFuture<T> result = new CompletableFuture<>();
        SupervisedThread.platform(
                Work.QUESTION,
                "connect " + access.address(),
                () -> attempt.run(opening, result),
                result::completeExceptionally);
        try {
            return result.get(attempt.remaining(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return attempt.late(result, e);
        } catch (ExecutionException e) {
            throw attempt.failure(e.getCause());
        } catch (InterruptedException e) {
            attempt.abandon();
            Thread.currentThread().interrupt();
            SourceException interrupted =
                    new SourceException(
                            FailureCode.CONNECTION_LOST, "interrupted while connecting", e);
            result.completeExceptionally(interrupted);
            throw interrupted;
        }
    }

    private <T extends AutoCloseable> void run(Opening<T> opening, CompletableFuture<T> result) {
        try {
            addresses = lookUp();
            T opened = opening.open(this);
            GuardedSocket open = socket;
            if (open != null) {
                open.release();
            }
            if (!result.complete(opened)) {
                opened.close();
            }
        } catch (Throwable e) {
            // Pass on every Throwable; otherwise the caller would wait until the timeout.
            result.completeExceptionally(e);
        }
    }

    private List<InetAddress> lookUp() {
        String host = access.address().host();
        List<InetAddress> allowed = new ArrayList<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (access.hosts().allow(host, address)) {
                    allowed.add(address);
                }
            }
        } catch (UnknownHostException e) {
            throw new SourceException(
                    FailureCode.HOST_UNKNOWN,
                    "the host " + host + " is unknown: its name does not resolve",
                    e);
        }
        if (allowed.isEmpty()) {
            throw new SourceException(
                    FailureCode.HOST_FORBIDDEN,
                    "the host "
                            + host
                            + " is not allowed: fustor.wizard.allowed-hosts includes none of"
                            + " its addresses");
        }
        return allowed;
    }

    /// A socket connected to the first of the host's addresses that answers.
    public Socket connect() throws IOException {
        IOException last = new IOException("no address to connect to");
        List<InetAddress> candidates = addresses;
        for (int i = 0; i < candidates.size(); i++) {
            GuardedSocket candidate =
                    new GuardedSocket(new AnswerFrames(access, AnswerMemory.OF_HEAP));
            try {
                long share = Math.max(1_000_000, remaining() / (candidates.size() - i));
                hold(candidate);
                candidate.connect(
                        new InetSocketAddress(candidates.get(i), access.address().port()),
                        Math.toIntExact(share / 1_000_000));
                return candidate;
            } catch (IOException e) {
                candidate.close();
                last = e;
            }
        }
        throw last;
    }

    private void hold(GuardedSocket candidate) throws IOException {
        socket = candidate;
        if (abandoned) {
            throw new IOException("the attempt is over");
        }
    }

    private void abandon() {
        abandoned = true;
        GuardedSocket open = socket;
        if (open != null) {
            try {
                open.close();
            } catch (IOException _) {
                // Nothing more can be closed.
            }
        }
    }

    private <T> T late(CompletableFuture<T> result, TimeoutException e) {
        SourceException failure = isExceeded() ? endless(e) : timeout(e);
        if (result.completeExceptionally(failure)) {
            // Not earlier: the opening would fail because of it and hide the real reason.
            abandon();
            throw failure;
        }
        try {
            return result.join();
        } catch (CompletionException lost) {
            throw failure(lost.getCause());
        }
    }

    private SourceException failure(@Nullable Throwable cause) {
        if (isExceeded()) {
            return endless(cause);
        }
        if (cause instanceof IOException) {
            return new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "connecting to " + access.address() + " failed",
                    cause);
        }
        return InternalFailures.contain(
                Work.QUESTION,
                "connect " + access.address(),
                Objects.requireNonNull(cause, "an attempt that failed has a cause"));
    }

    private boolean isExceeded() {
        GuardedSocket open = socket;
        return open != null && open.isExceeded();
    }

    private SourceException endless(@Nullable Throwable cause) {
        return new SourceException(
                FailureCode.NOT_MYSQL,
                access.address() + " sends more than a MySQL server's login: it is another service",
                cause);
    }

    private SourceException timeout(TimeoutException e) {
        return new SourceException(
                FailureCode.CONNECT_TIMEOUT,
                access.address()
                        + " did not answer within "
                        + access.connection().connectTimeout().toMillis() / 1000.0
                        + " s: the host is down, a firewall drops the packets, or no MySQL server"
                        + " listens there",
                e);
    }

    private long remaining() {
        return Math.max(0, deadline - System.nanoTime());
    }
}
