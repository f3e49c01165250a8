package io.fustor.source.mysql.demo;

import io.fustor.source.mysql.support.TestMySql;

/// The database of the demo: customers, products, orders and their items. Nothing cascades, for
/// MySQL does not write to its binlog what a foreign key deletes.
final class Shop {

    static final int CUSTOMERS = 4;
    static final int PRODUCTS = 5;

    private Shop() {}

    static void createIn(TestMySql mysql) {
        mysql.execute(
                "CREATE DATABASE shop",
                """
                CREATE TABLE shop.customers (
                    id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
                    name VARCHAR(100) NOT NULL,
                    email VARCHAR(200) NOT NULL UNIQUE,
                    country CHAR(2) NOT NULL,
                    born DATE,
                    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
                )
                """,
                """
                CREATE TABLE shop.products (
                    id INT UNSIGNED PRIMARY KEY,
                    name VARCHAR(100) NOT NULL,
                    category ENUM('tea', 'coffee', 'cups') NOT NULL,
                    price DECIMAL(10, 2) NOT NULL,
                    stock INT NOT NULL,
                    details JSON
                )
                """,
                """
                CREATE TABLE shop.orders (
                    id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
                    customer_id BIGINT UNSIGNED NOT NULL,
                    status ENUM('new', 'paid', 'shipped') NOT NULL DEFAULT 'new',
                    note TEXT,
                    ordered_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
                    FOREIGN KEY (customer_id) REFERENCES shop.customers (id)
                )
                """,
                """
                CREATE TABLE shop.order_items (
                    order_id BIGINT UNSIGNED NOT NULL,
                    product_id INT UNSIGNED NOT NULL,
                    quantity SMALLINT UNSIGNED NOT NULL,
                    unit_price DECIMAL(10, 2) NOT NULL,
                    PRIMARY KEY (order_id, product_id),
                    FOREIGN KEY (order_id) REFERENCES shop.orders (id),
                    FOREIGN KEY (product_id) REFERENCES shop.products (id)
                )
                """,
                """
                INSERT INTO shop.customers (name, email, country, born) VALUES
                    ('Ada Quinn', 'ada@shop.example', 'IE', '1987-03-14'),
                    ('Björn Åkesson', 'bjorn@shop.example', 'SE', '1990-11-02'),
                    ('Chiara Rossi', 'chiara@shop.example', 'IT', NULL),
                    ('田中 大輔', 'daisuke@shop.example', 'JP', '1979-07-30')
                """,
                """
                INSERT INTO shop.products VALUES
                    (1, 'Assam, second flush', 'tea', 8.90, 500, '{"grams": 100, "organic": true}'),
                    (2, 'Sencha', 'tea', 12.50, 500, '{"grams": 100, "organic": false}'),
                    (3, 'Yirgacheffe', 'coffee', 14.00, 500, '{"grams": 250, "roast": "light"}'),
                    (4, 'Espresso blend', 'coffee', 11.75, 500, '{"grams": 250, "roast": "dark"}'),
                    (5, 'Stoneware cup', 'cups', 19.00, 500, NULL)
                """,
                "INSERT INTO shop.orders (customer_id, note) VALUES (1, 'a gift'), (4, NULL)",
                "INSERT INTO shop.order_items VALUES (1, 1, 2, 8.90), (1, 5, 1, 19.00), (2, 2, 3, 12.50)");
    }
}
