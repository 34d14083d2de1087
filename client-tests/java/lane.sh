# shellcheck shell=bash
# What client-tests/run needs to know of the libraries from Maven: a class path and a process each.

java_lane() {
  local java_home
  java_home=$("$root/bin/find-jdk")
  prepare java env JAVA_HOME="$java_home" "$root/mvnw" -q -B -f "$here/java/pom.xml" package || return
  java_client pengrad PengradTest
  java_client telegrambots TelegramBotsTest
}

java_client() {
  local folder=$here/java/$1
  run_client "$1" "$java_home/bin/java" -XX:TieredStopAtLevel=1 -cp "$folder/target/classes:$folder/target/lib/*" \
    "dev.sluice.clients.$1.$2" "$gateway" "$simulator"
}
