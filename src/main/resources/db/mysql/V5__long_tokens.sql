-- A token of a snapshot holds the last row's key: up to 6,200 characters by now, with room for more.
alter table checkpoint modify column token varchar(16000) not null;
