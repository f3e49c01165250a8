package io.fustor.source.mysql.charset;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.TestMySql;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CollationsIT {

    @Test
    void agreeWithTheServersOwnList() throws Exception {
        var ours = new TreeMap<Integer, String>();
        var theirs = new TreeMap<Integer, String>();
        try (var connection = TestMySql.shared().jdbc();
                var list =
                        connection
                                .createStatement()
                                .executeQuery(
                                        """
                                        SELECT id, character_set_name
                                        FROM information_schema.collations
                                        """)) {
            while (list.next()) {
                CharacterSet set = Collations.characterSet(list.getInt(1));
                ours.put(list.getInt(1), set == null ? "unknown" : set.mysqlName());
                theirs.put(list.getInt(1), list.getString(2));
            }
        }
        assertThat(ours).isEqualTo(theirs).hasSizeGreaterThan(200);
    }
}
