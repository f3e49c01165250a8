package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.state.StateClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.UUID;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// This instance, and the others that were alive at the last look. Any thread may call.
@Component
public class Membership {

    private final String id = UUID.randomUUID().toString();
    private final String name;
    private final boolean isShareable;
    private volatile List<Member> others = List.of();
    private volatile long changed = System.nanoTime();
    private volatile boolean isReachable = true;

    Membership(Environment environment, StateClock clock) {
        this.isShareable = clock.isShareable();
        String port = environment.getProperty("server.port", "");
        String host = environment.getProperty("fustor.agent-id", hostName());
        this.name = host + (port.equals("0") ? "#" + id.substring(0, 4) : ":" + port);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }

    String id() {
        return id;
    }

    /// The name of this instance.
    public String name() {
        return name;
    }

    /// Whether there can be others.
    boolean isShareable() {
        return isShareable;
    }

    /// The other instances that live.
    public List<Member> others() {
        return others;
    }

    /// How many instances live, this one included.
    int size() {
        return others.size() + 1;
    }

    /// Takes over who lives.
    ///
    /// @return whether instances came or went
    boolean become(List<Member> alive) {
        List<Member> now = alive.stream().filter(one -> !one.id().equals(id)).toList();
        boolean isOther = !ids(now).equals(ids(others));
        if (isOther) {
            changed = System.nanoTime();
        }
        others = now;
        return isOther;
    }

    private static List<String> ids(List<Member> members) {
        return members.stream().map(Member::id).sorted().toList();
    }

    /// How long ago instances came or went, in nanoseconds.
    long sinceChange() {
        return System.nanoTime() - changed;
    }

    /// Whether the state database answered at the last look, so that budgets are shared.
    public boolean isReachable() {
        return isReachable;
    }

    /// Notes whether the state database answers.
    ///
    /// @return whether that is news
    boolean reachable(boolean now) {
        boolean isNews = isReachable != now;
        isReachable = now;
        return isNews;
    }
}
