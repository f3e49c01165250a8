package io.fustor.source.mysql.history;

import io.fustor.source.mysql.schema.CharacterSet;
import io.fustor.source.mysql.schema.Collations;
import java.nio.charset.StandardCharsets;

final class SchemaHistory {
    private SchemaHistory() {}

    /// A statement's text: its bytes are in the character set of the session's client.
    static String text(byte[] sql, StatementContext context) {
        CharacterSet set = Collations.characterSet(context.clientCollation());
        return set == null || set == CharacterSet.BINARY
                ? new String(sql, StandardCharsets.UTF_8)
                : set.decode(sql, 0, sql.length);
    }

    static Schemas after(Schemas schemas, byte[] sql, StatementContext context) {
        Schemas.ServerNames server = schemas.server();
        DdlParser parser = new DdlParser(server.version(), server.isMariaDb());
        return schemas.after(parser.parse(text(sql, context), context), context);
    }
}
