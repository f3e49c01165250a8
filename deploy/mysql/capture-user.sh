# Read by the MySQL image when it sets the server up: the user that the service captures as, with no more
# privileges than that takes.
docker_process_sql <<SQL
CREATE USER 'capture'@'%' IDENTIFIED BY '${MYSQL_CAPTURE_PASSWORD}';
GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'capture'@'%';
SQL
