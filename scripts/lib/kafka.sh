# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Kafka brokers of a stack (KRaft, each broker is a controller as well).
# Uses STACK_*, as_user and part_* of its siblings.

kafka_port() { printf '%d' $((STACK_KAFKA_PORT + ($1 - 1) * 2)); }

kafka_voters() {
    local n voters=''
    for ((n = 1; n <= STACK_BROKERS; n++)); do
        voters+=,$n@127.0.0.1:$(($(kafka_port "$n") + 1))
    done
    printf '%s' "${voters#,}"
}

# Address list for clients.
kafka_bootstrap() {
    local n list=''
    for ((n = 1; n <= STACK_BROKERS; n++)); do list+=,127.0.0.1:$(kafka_port "$n"); done
    printf '%s' "${list#,}"
}

# kafka_properties N: why each line is there is told in scripts/kafka/README.md.
kafka_properties() {
    local port replicas=$STACK_BROKERS in_sync=$((STACK_BROKERS > 1 ? 2 : 1))
    local front_listener='' front_advertised='' front_map=''
    port=$(kafka_port "$1")
    if [[ ${STACK_FRONT:-no} == yes ]]; then
        front_listener=",FRONT://127.0.0.1:$(($(front_port "$1") + 1))"
        front_advertised=",FRONT://127.0.0.1:$(front_port "$1")"
        front_map=,FRONT:PLAINTEXT
    fi
    cat <<EOF
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$(kafka_voters)
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))$front_listener
advertised.listeners=PLAINTEXT://127.0.0.1:$port$front_advertised
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT$front_map
log.dirs=$STACK_DATA/kafka$1/log
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
unclean.leader.election.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=3
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
group.initial.rebalance.delay.ms=0
offsets.retention.minutes=525600
log.segment.bytes=67108864
message.max.bytes=12582912
replica.fetch.max.bytes=12582912
EOF
}

# Both spellings of one thing: to standard output, which goes to the log file.
kafka_logging() {
    if [[ $STACK_KAFKA_VERSION == 3.* ]]; then
        cat <<'EOF'
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %m (%c{1})%n
EOF
    else
        cat <<'EOF'
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=INFO
rootLogger.appenderRef.out.ref=out
EOF
    fi
}

# kafka_java JAR-DIR LOGGING-FILE OPTION... CLASS ARGUMENT...
# fills KAFKA_JAVA. Every jar is named, sorted: the class archive of
# scripts/setup fits only that very list, in that order. A JVM that cannot use
# the archive ignores it and starts a second slower.
kafka_java() {
    local jars=$1 logging=$2 classpath key=log4j2.configurationFile
    local archive=-XX:SharedArchiveFile=${jars%/lib}/classes.jsa
    if [[ -n ${KOUAN_RECORD_CLASSES:-} ]]; then
        archive=-XX:ArchiveClassesAtExit=${logging%/*}/classes.jsa
    fi
    shift 2
    classpath=$(printf '%s:' "$jars"/*.jar)
    if [[ -f $jars/reload4j-1.2.25.jar ]]; then key=log4j.configuration; fi
    KAFKA_JAVA=(java -XX:+UseSerialGC -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError
        "$archive" -Xlog:cds=off -Xlog:cds+dynamic=off
        -Djava.awt.headless=true "-D$key=file:$logging" -cp "${classpath%:}" "$@")
}

# The server runs as another user, who may not be able to enter the checkout.
kafka_jars() {
    if [[ -d $STACK_DATA/lib ]]; then
        printf '%s' "$STACK_DATA/lib"
    else
        printf '%s' "$KOUAN_VAR/kafka/$STACK_KAFKA_VERSION/lib"
    fi
}

# kafka_prepare N: configuration always, format once. A Kafka of another
# version must not be let loose on old data: it may upgrade it for good.
kafka_prepare() {
    local dir=$STACK_DATA/kafka$1 log
    own_dir "$dir"
    own_dir "$dir/tmp"
    kafka_properties "$1" >"$dir/server.properties"
    kafka_logging >"$dir/logging.properties"
    if [[ -f $dir/log/meta.properties ]]; then return; fi
    rm -rf "$dir/log"
    own_dir "$dir/log"
    kafka_java "$(kafka_jars)" "$dir/logging.properties" -Xmx128m "-Djava.io.tmpdir=$dir/tmp" \
        kafka.tools.StorageTool format --cluster-id "$STACK_CLUSTER_ID" \
        --config "$dir/server.properties"
    log=$STACK_DIR/kafka$1-format.log
    if ! as_user "${KAFKA_JAVA[@]}" >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        return 1
    fi
}

kafka_start() {
    local dir=$STACK_DATA/kafka$1 heap=512m
    if ((STACK_BROKERS > 1)); then heap=384m; fi
    # What a killed JVM unpacked and left: libraries of zstd and the like.
    find "$dir/tmp" -mindepth 1 -delete
    kafka_java "$(kafka_jars)" "$dir/logging.properties" -Xms$heap -Xmx$heap \
        -XX:MaxDirectMemorySize=256m "-Djava.io.tmpdir=$dir/tmp" \
        kafka.Kafka "$dir/server.properties"
    part_spawn "$(part_file "kafka$1")" "$dir/server.properties" "$STACK_DIR/kafka$1.log" \
        "${AS_USER[@]}" "${KAFKA_JAVA[@]}"
}

# kafka_ready N: this broker answers and knows all those that are running.
kafka_ready() {
    local port want=0 n
    port=$(kafka_port "$1")
    port_listens "$port" || return 1
    for ((n = 1; n <= STACK_BROKERS; n++)); do
        if part_alive "$(part_file "kafka$n")"; then want=$((want + 1)); fi
    done
    kcat -L -J -m 2 -b "127.0.0.1:$port" 2>/dev/null |
        jq -e --argjson want "$want" '(.brokers | length) >= $want' >/dev/null 2>&1
}
