-- Read by the MySQL image when it sets the server up: a table with a few rows, to begin with.
CREATE TABLE shop.orders (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer VARCHAR(100) NOT NULL,
    total DECIMAL(10, 2) NOT NULL,
    status ENUM('new', 'paid', 'sent') NOT NULL DEFAULT 'new',
    ordered_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
);
INSERT INTO shop.orders (customer, total, status) VALUES
    ('Ada', 41.90, 'sent'),
    ('Grace', 7.25, 'paid'),
    ('Edsger', 128.00, 'new');
