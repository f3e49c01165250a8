-- Counts the writes to the embedded database (state.WriteMark).
create table state_write (
    id int not null primary key,
    number bigint not null
);
insert into state_write (id, number) values (1, 0);
