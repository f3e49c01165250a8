package io.fustor.source.mysql.checkpoint;

import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.state.StateDatabase;
import java.time.Instant;
import java.util.List;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;

/// The part of the service that keeps checkpoints, in a process that starts quickly: with the
/// service's settings, its state database, its migrations and its stores, and without anything
/// else. It says which checkpoints it found, then stores ever newer ones until it is killed, and
/// says so of each when it is stored. Started by `SpringApplication`'s own main method; see
/// [CheckpointKillIT].
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    JdbcTemplateAutoConfiguration.class,
    JdbcClientAutoConfiguration.class,
    FlywayAutoConfiguration.class
})
@ComponentScan("io.fustor.source.mysql.state")
@ConfigurationPropertiesScan("io.fustor.source.mysql.state")
@EnableConfigurationProperties(FeedProperties.class)
@Import({CheckpointStore.class, Checkpoints.class})
class CheckpointWriter implements ApplicationRunner {

    static final int CONSUMERS = 3;

    private final Checkpoints checkpoints;
    private final CheckpointStore store;
    private final StateDatabase state;

    CheckpointWriter(Checkpoints checkpoints, CheckpointStore store, StateDatabase state) {
        this.checkpoints = checkpoints;
        this.store = store;
        this.state = state;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (Checkpoint found : checkpoints.first("shop", 1000)) {
            say("found", found.consumer(), offset(found));
        }
        say("found", "all", 0);
        for (int i = 0; i < CONSUMERS; i++) {
            String consumer = "c" + i;
            Thread.ofPlatform().start(() -> store(consumer));
        }
        storePairs();
    }

    private void store(String consumer) {
        Checkpoint found = checkpoints.find("shop", consumer, "");
        for (long next = found == null ? 1 : offset(found) + 1; ; next++) {
            checkpoints.put("shop", consumer, "", token(next), false);
            say("stored", consumer, next);
        }
    }

    /// Two that change in one transaction.
    private void storePairs() {
        for (long next = 1; ; next++) {
            long number = next;
            state.write(
                    write -> {
                        for (String consumer : List.of("pair0", "pair1")) {
                            store.delete(write, "shop", consumer, "");
                            store.insert(
                                    write,
                                    new Checkpoint(
                                            "shop", consumer, "", token(number), Instant.now()));
                        }
                    });
        }
    }

    static String token(long number) {
        FeedToken token = FeedToken.of("shop", new Place(1, 1, number, 1, 0, null, null));
        return token.toString();
    }

    static long offset(String token) {
        return FeedToken.parse(token).position().offset();
    }

    private static long offset(Checkpoint checkpoint) {
        return offset(checkpoint.token());
    }

    private static void say(String what, String consumer, long number) {
        System.out.println("> " + what + " " + consumer + " " + number);
        if (System.out.checkError()) {
            // No client listens any more.
            Runtime.getRuntime().halt(1);
        }
    }
}
