package io.fustor.source.mysql.support;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/// The tables of [KeyedTraffic]: each has another kind of key, and most refer to another one. Their
/// SQL has `%s` for the schema, and keys that are spread over [#SLOTS] places, so that writers
/// meet.
enum KeyedTable {
    CUSTOMERS(
            """
            CREATE TABLE %s.customers (
                id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
                name VARCHAR(60) NOT NULL, note VARCHAR(400), changed INT NOT NULL)""",
            List.of("id", "name", "note", "changed")) {
        @Override
        String values(Random random) {
            String id = random.nextInt(4) == 0 ? "NULL" : id(random);
            return "(" + id + ", " + text(random) + ", " + note(random) + ", 0)";
        }

        private String id(Random random) {
            long slot = 1 + 50L * random.nextInt(SLOTS);
            return Long.toUnsignedString(random.nextBoolean() ? slot : slot + Long.MIN_VALUE);
        }

        @Override
        String chosen(Random random) {
            return "id >= " + id(random) + " ORDER BY id";
        }

        @Override
        String keyChange(Random random) {
            return "id = id + " + (1 + random.nextInt(400));
        }

        @Override
        String valueChange(Random random) {
            return "changed = changed + 1, note = " + note(random);
        }
    },

    PRODUCTS(
            """
            CREATE TABLE %s.products (
                shop INT NOT NULL,
                code VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL,
                name VARCHAR(60) NOT NULL, price DECIMAL(12,2) NOT NULL,
                PRIMARY KEY (shop, code))""",
            List.of("shop", "code", "name", "price")) {
        private static final List<String> FRUITS = List.of("apfel", "Apfel", "äpfel", "ÀPFEL");

        @Override
        String values(Random random) {
            return "(%d, %s, %s, %d.%02d)"
                    .formatted(
                            shop(random),
                            code(random),
                            text(random),
                            random.nextInt(2_000) - 1_000,
                            random.nextInt(100));
        }

        private static int shop(Random random) {
            return random.nextInt(20) - 10;
        }

        private static String code(Random random) {
            String fruit = FRUITS.get(random.nextInt(FRUITS.size()));
            return "'%s-%04d'".formatted(fruit, random.nextInt(SLOTS / 20));
        }

        @Override
        String chosen(Random random) {
            return "shop = %d AND code >= %s ORDER BY shop, code"
                    .formatted(shop(random), code(random));
        }

        @Override
        String keyChange(Random random) {
            return switch (random.nextInt(4)) {
                case 0 -> "code = UPPER(code)";
                case 1 -> "code = LOWER(code)";
                case 2 -> "code = LEFT(CONCAT(code, '!'), 40)";
                default -> "shop = shop + 1";
            };
        }

        @Override
        String valueChange(Random random) {
            return "price = price + 0.01, name = " + text(random);
        }
    },

    INVOICES(
            """
            CREATE TABLE %s.invoices (
                number DECIMAL(20,4) PRIMARY KEY, customer BIGINT UNSIGNED, total INT NOT NULL,
                FOREIGN KEY (customer) REFERENCES customers (id))""",
            List.of("number", "customer", "total")) {
        @Override
        String values(Random random) {
            return "(%s, %s, %d)".formatted(number(random), customer(random), random.nextInt(900));
        }

        private String number(Random random) {
            return (random.nextInt(SLOTS) - SLOTS / 2) + ".2500";
        }

        private String customer(Random random) {
            return random.nextInt(3) > 0
                    ? "NULL"
                    : "(SELECT id FROM %s.customers WHERE "
                            + CUSTOMERS.chosen(random)
                            + " LIMIT 1)";
        }

        @Override
        String chosen(Random random) {
            return "number >= " + number(random) + " ORDER BY number";
        }

        @Override
        String keyChange(Random random) {
            return "number = number + 0.%04d".formatted(1 + random.nextInt(9_000));
        }

        @Override
        String valueChange(Random random) {
            return "total = total + 1";
        }
    },

    DEVICES(
            """
            CREATE TABLE %s.devices (
                id BINARY(16) PRIMARY KEY, shop INT,
                code VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci,
                label VARCHAR(60) CHARACTER SET latin1 NOT NULL,
                FOREIGN KEY (shop, code) REFERENCES products (shop, code))""",
            List.of("TO_BASE64(id)", "shop", "code", "label")) {
        @Override
        String values(Random random) {
            String parent = "(SELECT %s FROM %%s.products WHERE %s LIMIT 1)";
            String of = PRODUCTS.chosen(random);
            boolean isAlone = random.nextInt(3) > 0;
            return "(%s, %s, %s, %s)"
                    .formatted(
                            id(random),
                            isAlone ? "NULL" : parent.formatted("shop", of),
                            isAlone ? "NULL" : parent.formatted("code", of),
                            text(random));
        }

        private String id(Random random) {
            return "UNHEX(LEFT(SHA2(" + random.nextInt(SLOTS) + ", 256), 32))";
        }

        @Override
        String chosen(Random random) {
            return "id >= " + id(random) + " ORDER BY id";
        }

        @Override
        String keyChange(Random random) {
            return "id = UNHEX(LEFT(SHA2(CONCAT(HEX(id), " + random.nextInt(100) + "), 256), 32))";
        }

        @Override
        String valueChange(Random random) {
            return "label = " + text(random);
        }
    },

    READINGS(
            """
            CREATE TABLE %s.readings (
                at DATETIME(6) NOT NULL, sensor TINYINT NOT NULL, device BINARY(16),
                value INT NOT NULL, raw VARBINARY(30),
                PRIMARY KEY (at, sensor), FOREIGN KEY (device) REFERENCES devices (id))""",
            List.of(
                    "REPLACE(at, ' ', 'T')",
                    "sensor",
                    "TO_BASE64(device)",
                    "value",
                    "TO_BASE64(raw)")) {
        @Override
        String values(Random random) {
            String device =
                    random.nextInt(3) > 0
                            ? "NULL"
                            : "(SELECT id FROM %s.devices WHERE "
                                    + DEVICES.chosen(random)
                                    + " LIMIT 1)";
            return "(%s, %d, %s, %d, %s)"
                    .formatted(
                            at(random),
                            random.nextInt(7) - 3,
                            device,
                            random.nextInt(),
                            random.nextBoolean()
                                    ? "NULL"
                                    : "UNHEX(LEFT(SHA2(" + random.nextInt() + ", 256), 32))");
        }

        private String at(Random random) {
            return "'2026-01-01' + INTERVAL " + 500L * random.nextInt(SLOTS) + " MICROSECOND";
        }

        @Override
        String chosen(Random random) {
            return "at >= " + at(random) + " ORDER BY at, sensor";
        }

        @Override
        String keyChange(Random random) {
            return random.nextBoolean()
                    ? "sensor = sensor - 1"
                    : "at = at + INTERVAL " + (1 + random.nextInt(499)) + " MICROSECOND";
        }

        @Override
        String valueChange(Random random) {
            return "value = value DIV 2, raw = NULL";
        }
    };

    /// How many places keys are spread over.
    static final int SLOTS = 20_000;

    private final String ddl;
    private final List<String> texts;

    KeyedTable(String ddl, List<String> texts) {
        this.ddl = ddl;
        this.texts = texts;
    }

    String ddl(String schema) {
        return ddl.formatted(schema);
    }

    String qualified(String schema) {
        return schema + "." + name().toLowerCase(Locale.ROOT);
    }

    /// Selects each row as one line, as [KeyedCopy#lines] has them.
    String selectLines(String schema) {
        String columns =
                String.join(
                        ", ", texts.stream().map(text -> "IFNULL(" + text + ", 'NULL')").toList());
        return "SELECT CONCAT_WS('/', " + columns + ") FROM " + qualified(schema);
    }

    /// One row for an INSERT.
    abstract String values(Random random);

    /// A condition and an order that begin at a random key.
    abstract String chosen(Random random);

    abstract String keyChange(Random random);

    abstract String valueChange(Random random);

    private static String text(Random random) {
        return "'näme \"" + random.nextInt(1_000_000) + "\"'";
    }

    private static String note(Random random) {
        return random.nextInt(5) == 0 ? "NULL" : "'" + "n".repeat(random.nextInt(120)) + "€'";
    }
}
