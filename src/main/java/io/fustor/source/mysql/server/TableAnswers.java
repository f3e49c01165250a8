package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.util.Set;

/// What every request for a stream asks about its tables. A thousand subscribers that come at once,
/// each with a condition of its own on the same table, share a few answers. Any thread may call.
final class TableAnswers {

    private final TableQuestions questions;
    private final ServerAccess access;
    private final SharedAnswers<TableId, Set<String>> columns =
            new SharedAnswers<>(this::columnNames);
    private final SharedAnswers<Selection, TableDrafts> described = new SharedAnswers<>(this::read);

    TableAnswers(TableQuestions questions, ServerAccess access) {
        this.questions = questions;
        this.access = access;
    }

    Set<String> columns(TableId table) {
        return columns.get(table);
    }

    private Set<String> columnNames(TableId table, Runnable sent) {
        try {
            return questions.ask(
                    open -> {
                        sent.run();
                        return TableDescriptions.columnNames(open, table);
                    });
        } catch (SourceException e) {
            throw TableFailures.about(table, e);
        }
    }

    TableDrafts describe(Selection selection) {
        return described.get(selection);
    }

    private TableDrafts read(Selection selection, Runnable sent) {
        return questions.ask(
                open -> {
                    sent.run();
                    return new SelectedTables(open, access).read(selection);
                });
    }
}
