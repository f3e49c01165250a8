-- Ids, consumers and tokens differ by case; MySQL's usual collations do not see that. Holds for the
-- tables that come after it.
alter database character set utf8mb4 collate utf8mb4_bin;
