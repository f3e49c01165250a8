-- What stands in the place of the values of some columns: a JSON object, masks by column.
alter table sources add column masks longtext;
