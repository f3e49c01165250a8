package io.fustor.source.mysql.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.connection.AnswerMemory;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.ClientMemory.Use;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClientMemoryTests {

    private static final long MEBIBYTE = 1024 * 1024;

    private final SharedHeap heap = new SharedHeap(60 * MEBIBYTE);
    private final ClientMemory clients = new ClientMemory(40 * MEBIBYTE, heap);
    private final MemoryBudget large = new MemoryBudget(30 * MEBIBYTE, heap);

    private int takeAll(Use use) {
        int taken = 0;
        while (clients.take(use)) {
            taken++;
        }
        return taken;
    }

    @Test
    void subscribersLeaveRoomForCatchUps() {
        assertThat(takeAll(Use.SUBSCRIBER)).isEqualTo(1_280);
        assertThat(clients.take(Use.SNAPSHOT)).isFalse();
        assertThat(takeAll(Use.CATCH_UP)).isEqualTo(1);
        assertThat(clients.used()).isLessThanOrEqualTo(40 * MEBIBYTE);
    }

    @Test
    void whatIsGivenBackIsTakenAgain() {
        takeAll(Use.SNAPSHOT);

        clients.giveBack(Use.SNAPSHOT);

        assertThat(takeAll(Use.SNAPSHOT)).isEqualTo(1);
        assertThat(clients.used()).isEqualTo(10 * Use.SNAPSHOT.bytes());
    }

    @Test
    void aLargeRowKeepsClientsOut() {
        try (MemoryBudget.Claim row = large.claim(59 * MEBIBYTE)) {
            assertThat(row.await(Duration.ZERO)).isTrue();
            assertThat(takeAll(Use.SUBSCRIBER)).isEqualTo(36);
            assertThat(clients.take(Use.CATCH_UP)).isFalse();
        }
        assertThat(takeAll(Use.SUBSCRIBER)).isEqualTo(1_244);
    }

    @Test
    void clientsKeepALargeRowWaiting() {
        takeAll(Use.SUBSCRIBER);
        try (MemoryBudget.Claim row = large.claim(28 * MEBIBYTE)) {
            assertThat(row.await(Duration.ZERO)).isFalse();

            while (clients.used() > 30 * MEBIBYTE) {
                clients.giveBack(Use.SUBSCRIBER);
            }

            assertThat(row.await(Duration.ZERO)).isTrue();
        }
        assertThat(large.used()).isZero();
    }

    @Test
    void answersAreRefusedWhereClientsAndRowsHaveTheHeap() {
        AnswerMemory answers = new AnswerMemory(20 * MEBIBYTE, heap);
        ServerAccess access =
                new ServerAccess(
                        new ServerAddress("localhost", 3306),
                        new Credential("user", ""),
                        new ConnectionProperties(
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(10),
                                TlsMode.PREFERRED,
                                null,
                                ""));
        takeAll(Use.SUBSCRIBER);
        try (MemoryBudget.Claim row = large.claim(20 * MEBIBYTE);
                AnswerMemory.Hold hold = answers.open(access)) {
            assertThat(row.await(Duration.ZERO)).isTrue();
            hold.add(4 * MEBIBYTE);
            assertThatThrownBy(() -> hold.add(4 * MEBIBYTE))
                    .isInstanceOfSatisfying(
                            SourceException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.ANSWER_REFUSED));
        }
        assertThat(answers.used()).isZero();
    }
}
