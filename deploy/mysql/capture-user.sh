# Read by the MySQL image when it sets the server up: the MySQL user of the service, with no more
# privileges than that takes (docs/operations.md).
docker_process_sql <<SQL
CREATE USER 'capture'@'%' IDENTIFIED BY '${MYSQL_CAPTURE_PASSWORD}';
GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'capture'@'%';
SQL
