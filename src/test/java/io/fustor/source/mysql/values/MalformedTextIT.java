package io.fustor.source.mysql.values;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.binlog.RecordedStream;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Text that no server lets in, and that is in tables all the same: bytes that are no text of their
/// column's character set, as old servers and replicas of other tables have left them. They are
/// written as bytes, and the events of that are applied once more to columns of text: the one way
/// into a table on which the server does not look at them.
@RunningService
class MalformedTextIT {

    private static final int FORMAT_DESCRIPTION = 15;
    private static final int TABLE_MAP = 19;
    private static final int WRITE_ROWS = 30;

    /// Of each column, so that events of the one table fit the other.
    private static final int BYTES = 48;

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    /// By character set: bytes, and the text that they are read as. The server's own text of them
    /// is no measure, for it breaks off at the first fault.
    private static Map<String, List<String>> values() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        values.put("utf8mb4", utf8("C3A9E4B8ADF09F9880FE é中😀�", "F09F98 �", "F490808061 ����a"));
        values.put("utf8mb3", utf8("C3A9E4B8ADFE é中�"));
        values.put("gbk", doubles("D6D0FF 中�", "B0A1A1 啊�", "61A1 a�", "AAA161 �a"));
        values.put("big5", doubles("D6D0FF 笢�", "B0A1A1 陛�", "61A1 a�", "C84061 �a"));
        values.put("sjis", doubles("D6D0FF ﾖﾐ�", "B0A181 ｰ｡�"));
        values.put("cp932", doubles("D6D0FF ﾖﾐ�", "B0A181 ｰ｡�"));
        values.put("euckr", doubles("D6D0FF 櫓�", "B0A1A1 가�", "61A1 a�", "C9A161 �a"));
        values.put("gb2312", doubles("D6D0FF 中�", "B0A1A1 啊�", "61A1 a�"));
        values.put("ujis", List.of("B0A1A1 亜�", "61A1 a�"));
        values.put("eucjpms", List.of("B0A1A1 亜�", "61A1 a�"));
        values.put("gb18030", doubles("D6D0FF 中�", "8130 �0", "813081 �0�", "61A1 a�"));
        values.put("utf16", List.of("D800 �", "0041D83D A�", "D83D0041 �A", "004100 A�"));
        values.put("utf16le", List.of("00D8 �", "41003DD8 A�", "3DD84100 �A", "410000 A�"));
        values.put("ucs2", List.of("D800 �", "0041DE00 A�", "004100 A�"));
        values.put("utf32", List.of("0000D800 �", "00110000 �", "0000004100 A�"));
        values.put("ascii", List.of("6180FF62 a��b"));
        return values;
    }

    private static List<String> utf8(String... further) {
        List<String> values = new ArrayList<>(List.of(further));
        values.addAll(List.of("61FF62 a�b", "61E4B862 a�b", "E4B8 �", "EDA08061 ���a", "C0AF ��"));
        return values;
    }

    private static List<String> doubles(String... further) {
        List<String> values = new ArrayList<>(List.of(further));
        values.addAll(List.of("FF �", "81 �"));
        return values;
    }

    /// How many bytes a character takes at most.
    private int longest(String set) {
        String sql =
                "SELECT MAXLEN FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME = ";
        return Integer.parseInt(Sql.value(mysql, sql + "'" + set + "'"));
    }

    @Test
    void readsTheSameFromSnapshotAndStream() {
        ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("malformed", mysql);
        List<String> bytes = new ArrayList<>(List.of("CREATE DATABASE malformed", "USE malformed"));
        List<String> texts = new ArrayList<>(List.of("USE malformed"));
        List<String> expected = new ArrayList<>();
        values().forEach((set, values) -> prepare(set, values, bytes, texts, expected));
        List<byte[]> events = RecordedStream.of(mysql, bytes).events();
        mysql.execute(texts.toArray(String[]::new));
        FeedRequest feed = api.feed("malformed").with("tables", "malformed.*");
        String start = api.tokenOfNow("malformed");
        mysql.execute(applying(events).toArray(String[]::new));

        assertThat(Sql.value(mysql, "SELECT HEX(c) FROM malformed.utf8mb4 WHERE id = 4"))
                .isEqualTo("61FF62");
        assertThat(rows(feed.after(start), expected.size()))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(rows(feed.with("snapshot", "only"), expected.size()))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    private void prepare(
            String set,
            List<String> values,
            List<String> bytes,
            List<String> texts,
            List<String> expected) {
        String table = "CREATE TABLE %s (id INT PRIMARY KEY, c VARBINARY(%d))";
        bytes.add(table.formatted(set, BYTES));
        texts.add("DROP TABLE " + set);
        texts.add(
                table.replace("VARBINARY(%d)", "VARCHAR(%d) CHARACTER SET " + set)
                        .formatted(set, BYTES / longest(set)));
        for (int i = 0; i < values.size(); i++) {
            String[] value = values.get(i).split(" ", 2);
            bytes.add("INSERT INTO %s VALUES (%d, x'%s')".formatted(set, i + 1, value[0]));
            expected.add("%s {\"id\":%d,\"c\":\"%s\"}".formatted(set, i + 1, value[1]));
        }
    }

    private static List<String> rows(FeedRequest feed, int count) {
        try (FeedClient client = feed.open()) {
            return client.rows(count).stream()
                    .map(row -> row.table().replace("malformed.", "") + " " + row.row())
                    .toList();
        }
    }

    /// Statements that apply rows events, each with its table map.
    private static List<String> applying(List<byte[]> events) {
        List<String> statements = new ArrayList<>();
        String map = "";
        for (byte[] event : events) {
            String text = Base64.getEncoder().encodeToString(event);
            switch (RecordedStream.type(event)) {
                case FORMAT_DESCRIPTION -> {
                    statements.add("BINLOG '" + text + "'");
                    statements.add("SET SESSION gtid_next = 'AUTOMATIC'");
                }
                case TABLE_MAP -> map = text;
                case WRITE_ROWS -> statements.add("BINLOG '" + map + "\n" + text + "'");
                default -> {
                    // Of the transaction around it, which these statements have of their own.
                }
            }
        }
        return statements;
    }
}
