-- Ten accounts of unequal size; $scale is how many customers there are.
INSERT INTO countries VALUES ('PT', 'Portugal'), ('JP', 'Japan');
INSERT INTO accounts (name, uid) SELECT 'account ' || i, ('01970000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid FROM generate_series(1, 10) i;
INSERT INTO users (account_id, email) SELECT 1 + i % 10, 'user' || i || '@example.com' FROM generate_series(1, $scale / 4) i;
UPDATE users SET manager_id = (id - 1) % 10 + 1 WHERE id > 10;
UPDATE accounts a SET owner_id = (SELECT min(id) FROM users u WHERE u.account_id = a.id);
INSERT INTO settings SELECT id, 'dark' FROM accounts;
INSERT INTO teams (account_id, name, lead_id) SELECT account_id, 'team ' || id, id FROM users WHERE id <= 40;
INSERT INTO memberships SELECT t.id, u.id FROM teams t JOIN users u USING (account_id) WHERE u.id % 3 = t.id % 3;
INSERT INTO customers (account_id, country, email) SELECT 1 + (i * i) % 10, CASE WHEN i % 2 = 0 THEN 'PT' END, 'Customer' || i || '@example.com' FROM generate_series(1, $scale) i;
INSERT INTO addresses (customer_id, line) SELECT id, 'street ' || id FROM customers;
INSERT INTO categories (account_id, name) SELECT 1 + i % 10, 'category ' || i FROM generate_series(1, 100) i;
UPDATE categories c SET parent_id = c.id - 10 WHERE c.id > 10;
INSERT INTO products (account_id, category_id, sku, words) SELECT 1 + i % 10, (i - 1) % 100 + 1, 'sku' || i, to_tsvector('simple', 'word' || i) FROM generate_series(1, $scale / 2) i;
INSERT INTO product_tags SELECT id, 'tag' FROM products;
INSERT INTO "Order" ("customerId", "No") SELECT 1 + i % $scale, 'no' || i FROM generate_series(1, $scale * 4) i;
-- products of account n have ids that end like n - 1
INSERT INTO order_lines SELECT o."Id", l, (c.account_id + 9) % 10 + 10 * (o."Id" % 5) + CASE WHEN c.account_id = 1 THEN 10 ELSE 0 END, l
    FROM "Order" o JOIN customers c ON c.id = o."customerId" CROSS JOIN generate_series(1, 2) l;
INSERT INTO shipments (order_id, line, state) SELECT order_id, line, 'sent' FROM order_lines WHERE line = 1 AND order_id % 4 = 0;
INSERT INTO invoices (order_id, cents) SELECT "Id", 100 FROM "Order" WHERE "Id" % 2 = 0;
INSERT INTO payments (paid_at, invoice_id, cents) SELECT date '2025-06-01' + (id % 700)::int, id, 100 FROM invoices;
INSERT INTO refunds (payment_id, paid_at, cents) SELECT id, paid_at, 1 FROM payments WHERE id % 10 = 0;
INSERT INTO events (account_id, kind, at) SELECT 1 + i % 10, CASE WHEN i % 3 = 0 THEN 'buy' ELSE 'view' END, timestamptz '2025-12-01' + i * interval '1 minute' FROM generate_series(1, $scale * 3) i;
INSERT INTO attachments (order_id, customer_id, name) SELECT CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 2 = 1 THEN i END, 'file' FROM generate_series(1, $scale) i;
INSERT INTO notes (account, body) SELECT 1 + i % 10, 'note' FROM generate_series(1, $scale) i;
INSERT INTO audit_trail (user_id, what) SELECT id, 'signed in' FROM users;
INSERT INTO sessions SELECT gen_random_uuid(), id FROM users;
INSERT INTO visits SELECT 1 + i % 10, '/' FROM generate_series(1, $scale) i;
INSERT INTO jobs (payload) SELECT 'x' FROM generate_series(1, 10);
INSERT INTO "Odd Schema"."o""dd; DROP TABLE public.jobs; --
'$body$" ("acc'ount") SELECT id FROM accounts;
REFRESH MATERIALIZED VIEW sales;
