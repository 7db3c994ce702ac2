// A load generator for chat completions over HTTP/1.1: one thread, epoll, keep-alive, closed loop. It reads every
// answer to its end and counts incomplete ones, because a proxy that loses answers looks fast.
//
//     loadgen plain PORT CONNECTIONS SECONDS BYTES     requests back to back on each connection
//     loadgen stream PORT STREAMS EVENTS INTERVAL_MS   one stream per connection; starts are spread over 25 intervals
//     loadgen hold PORT STREAMS                        opens streams that fall silent; holds them until stdin ends
//     loadgen models PORT FIRST COUNT                  one request each for the models bench-FIRST, bench-FIRST+1, …
//     loadgen plain-count PORT REQUESTS BYTES          so many requests, one after another on one connection
//     loadgen stream-count PORT STREAMS EVENTS INTERVAL_MS   so many streams, one after another on one connection
//
// BYTES is the size of a request's body. Prints one line of JSON. Times run from the write of a request to the first
// byte of its answer.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 16384, MAX_BATCH = 256, MAX_SAMPLES = 1 << 22, PIECE_BYTES = 64 * 1024 };
enum { SMALL_BODY = 1024, MAX_BODY = 64 * 1024, MAX_HEAD = 4096, MESSAGE_BYTES = 1024, LINE_BYTES = 128 };

// One connection and the answer it waits for.
struct connection {
    int descriptor;
    uint64_t sent_at;
    bool has_first_byte, is_chunked, saw_done, is_held;
    size_t head_used, body_left;
    long events;
    char head[4096];
    char tail[5]; // The last bytes of the body, oldest first.
};

static struct connection connections[MAX_CONNECTIONS];
static uint32_t samples[MAX_SAMPLES];
static size_t sample_count;
static long requests, errors, events, unfinished;
static int poller;
static uint16_t port;
static bool holds;
static long left_to_repeat; // Requests that connections still send after their first one.
static const char *stream_wish;
static long next_model = -1;
static char request[MAX_HEAD + MAX_BODY];
static size_t request_length;
static int body_bytes = SMALL_BODY;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// What a large body has at this place, if anything: a new message every KiB, else a new line every 128 bytes.
static const char *break_at(int used) {
    if (body_bytes == SMALL_BODY) return "";
    if (used % MESSAGE_BYTES == 0) return "\"},{\"role\":\"assistant\",\"content\":\"";
    return used % LINE_BYTES == 0 ? "\\n" : "";
}

// A body of `body_bytes` for `model`: one message, or a conversation.
static void write_body(char *body, const char *model) {
    static const char question[] = "What is a steelyard, and how does it weigh? ";
    char end[128];
    int used = sprintf(body, "{\"messages\":[{\"role\":\"user\",\"content\":\"");
    int end_length = sprintf(end, "\"}],\"model\":\"%s\",\"max_tokens\":256%s}", model,
                             stream_wish ? ",\"stream\":true" : "");
    for (size_t index = 0; used < body_bytes - end_length; index++) {
        const char *broken = break_at(used);
        if (used + (int)strlen(broken) < body_bytes - end_length) used += sprintf(body + used, "%s", broken);
        body[used++] = question[index % (sizeof question - 1)];
    }
    memcpy(body + used, end, (size_t)end_length + 1);
}

// The head that OpenAI's Python package sends, and the body.
static void write_request(const char *model) {
    char body[MAX_BODY + 1], wish[64] = "";
    write_body(body, model);
    if (stream_wish) sprintf(wish, "x-bench-stream: %.32s\r\n", stream_wish);
    request_length = (size_t)sprintf(
        request,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept-Encoding: gzip, deflate\r\n"
        "Connection: keep-alive\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
        "User-Agent: OpenAI/Python 2.8.0\r\nX-Stainless-Lang: python\r\nX-Stainless-Package-Version: 2.8.0\r\n"
        "X-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\nX-Stainless-Runtime: CPython\r\n"
        "X-Stainless-Runtime-Version: 3.12.1\r\nX-Stainless-Async: false\r\nx-stainless-retry-count: 0\r\n"
        "x-stainless-read-timeout: 600\r\nAuthorization: Bearer sk-bench-0123456789abcdef0123456789abcdef\r\n"
        "%sContent-Length: %d\r\n\r\n%s",
        port, wish, body_bytes, body);
}

static void close_connection(struct connection *connection) {
    close(connection->descriptor);
    if (!connection->is_held) unfinished--;
}

static void send_request(struct connection *connection) {
    connection->has_first_byte = connection->is_chunked = connection->saw_done = false;
    connection->head_used = connection->body_left = 0;
    connection->events = 0;
    memset(connection->tail, 0, sizeof connection->tail);
    if (next_model >= 0) {
        char model[32];
        sprintf(model, "bench-%ld", next_model++);
        write_request(model);
    }
    connection->sent_at = now();
    if (send(connection->descriptor, request, request_length, MSG_NOSIGNAL) == (ssize_t)request_length) return;
    errors++;
    close_connection(connection);
}

static void open_connection(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (descriptor < 0 || descriptor >= MAX_CONNECTIONS || connect(descriptor, (void *)&address, sizeof address)) {
        perror("loadgen");
        exit(1);
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
    connections[descriptor] = (struct connection){.descriptor = descriptor};
    unfinished++;
    send_request(&connections[descriptor]);
}

static void finish(struct connection *connection, bool is_whole) {
    requests++;
    events += connection->events;
    if (!is_whole) errors++;
    if (!is_whole || left_to_repeat == 0) return close_connection(connection);
    left_to_repeat--;
    send_request(connection);
}

// The stream has begun and falls silent now.
static void hold(struct connection *connection) {
    connection->is_held = true;
    requests++;
    unfinished--;
}

// Reads the head; returns the rest of the piece, or NULL if the head continues.
static const char *receive_head(struct connection *connection, const char *piece, size_t *length) {
    size_t before = connection->head_used, room = sizeof connection->head - 1 - before;
    size_t taken = *length < room ? *length : room;
    memcpy(connection->head + before, piece, taken);
    connection->head[before + taken] = 0;
    char *end = strstr(connection->head, "\r\n\r\n");
    connection->head_used += taken;
    if (!end) return NULL;
    connection->head_used = sizeof connection->head;
    *end = 0;
    if (strncmp(connection->head, "HTTP/1.1 200", 12)) errors++;
    const char *announced = strcasestr(connection->head, "\r\ncontent-length:");
    connection->is_chunked = !announced;
    connection->body_left = announced ? strtoul(announced + 17, NULL, 10) : 0;
    size_t skipped = (size_t)(end + 4 - connection->head) - before;
    *length -= skipped;
    return piece + skipped;
}

static void receive_chunked(struct connection *connection, const char *piece, size_t length) {
    char last = connection->tail[4];
    for (size_t index = 0; index < length; last = piece[index++])
        if (piece[index] == '\n' && last == '\n') connection->events++;
    // The request did not ask for usage: a proxy that adds usage must remove it.
    if (memmem(piece, length, "\"usage\"", 7)) errors++;
    if (memmem(piece, length, "[DONE]", 6)) connection->saw_done = true;
    size_t kept = length < 5 ? length : 5;
    memmove(connection->tail, connection->tail + kept, 5 - kept);
    memcpy(connection->tail + 5 - kept, piece + length - kept, kept);
    if (!memcmp(connection->tail, "0\r\n\r\n", 5)) finish(connection, connection->saw_done);
    else if (holds && connection->events && !connection->is_held) hold(connection);
}

static void receive(struct connection *connection) {
    static char buffer[PIECE_BYTES];
    const char *piece = buffer;
    ssize_t count = recv(connection->descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0) return;
    if (count == 0) return finish(connection, false);
    if (!connection->has_first_byte && sample_count < MAX_SAMPLES)
        samples[sample_count++] = (uint32_t)(now() - connection->sent_at);
    connection->has_first_byte = true;
    size_t length = (size_t)count;
    if (connection->head_used < sizeof connection->head && !(piece = receive_head(connection, piece, &length))) return;
    if (connection->is_chunked) return length ? receive_chunked(connection, piece, length) : (void)0;
    connection->body_left -= length < connection->body_left ? length : connection->body_left;
    if (connection->body_left == 0) finish(connection, true);
}

// Reads answers until `until`, or until everything is finished.
static void work(uint64_t until) {
    struct epoll_event ready[MAX_BATCH];
    for (uint64_t instant; unfinished > 0 && (instant = now()) < until;) {
        uint64_t wait = until - instant;
        struct timespec timeout = {.tv_sec = (time_t)(wait / 1000000000u), .tv_nsec = (long)(wait % 1000000000u)};
        int found = epoll_pwait2(poller, ready, MAX_BATCH, &timeout, NULL);
        for (int index = 0; index < found; index++) receive(&connections[ready[index].data.fd]);
    }
}

static int by_size(const void *left, const void *right) {
    uint32_t first = *(const uint32_t *)left, second = *(const uint32_t *)right;
    return (first > second) - (first < second);
}

static double microseconds(double share) {
    return sample_count ? samples[(size_t)(share * (double)(sample_count - 1))] / 1e3 : 0;
}

static void print_result(double seconds) {
    qsort(samples, sample_count, sizeof samples[0], by_size);
    printf("{\"requests\":%ld,\"errors\":%ld,\"events\":%ld,\"seconds\":%.6f,\"first_byte_us\":"
           "{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}}\n",
           requests, errors, events, seconds, microseconds(.5), microseconds(.9), microseconds(.99), microseconds(1));
    fflush(stdout);
}

// Opens `count` connections, one every `spacing` nanoseconds, and reads answers meanwhile.
static void open_spaced(int count, uint64_t spacing) {
    uint64_t begin = now();
    unfinished++; // Keeps `work` waiting for the next start.
    for (int index = 0; index < count; index++) {
        work(begin + (uint64_t)index * spacing);
        open_connection();
    }
    unfinished--;
}

static const uint64_t patience = 120 * 1000000000ull;

static int bytes_of(const char *number) {
    int bytes = atoi(number);
    return bytes < SMALL_BODY ? SMALL_BODY : bytes > MAX_BODY ? MAX_BODY : bytes;
}

static void run_plain(char **numbers) {
    uint64_t end = now() + (uint64_t)(atof(numbers[1]) * 1e9);
    left_to_repeat = LONG_MAX;
    body_bytes = bytes_of(numbers[2]);
    write_request("gpt-4.1-mini");
    open_spaced(atoi(numbers[0]), 0);
    work(end);
}

static void wish_stream(const char *events, const char *interval) {
    static char wish[64];
    snprintf(wish, sizeof wish, "%s/%s", events, interval);
    stream_wish = wish;
    write_request("gpt-4.1-mini");
}

static void run_stream(char **numbers) {
    wish_stream(numbers[1], numbers[2]);
    int streams = atoi(numbers[0]);
    open_spaced(streams, (uint64_t)(25e6 * atof(numbers[2]) / streams));
    work(now() + patience);
    errors += unfinished;
}

// Sends `count` requests on one connection.
static void run_sequence(long count) {
    left_to_repeat = count - 1;
    open_spaced(1, 0);
    work(now() + patience);
    errors += unfinished;
}

static void run_plain_count(char **numbers) {
    body_bytes = bytes_of(numbers[1]);
    write_request("gpt-4.1-mini");
    run_sequence(atol(numbers[0]));
}

static void run_stream_count(char **numbers) {
    wish_stream(numbers[1], numbers[2]);
    run_sequence(atol(numbers[0]));
}

static void run_hold(char **numbers) {
    holds = true;
    wish_stream("1", "0");
    open_spaced(atoi(numbers[0]), 200000);
    work(now() + patience);
    errors += unfinished;
}

static void run_models(char **numbers) {
    next_model = atol(numbers[0]);
    run_sequence(atol(numbers[1]));
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        int numbers;
        void (*run)(char **numbers);
    } modes[] = {
        {"plain", 3, run_plain},   {"stream", 3, run_stream},           {"hold", 1, run_hold},
        {"models", 2, run_models}, {"plain-count", 2, run_plain_count}, {"stream-count", 3, run_stream_count},
    };
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (size_t index = 0; count > 2 && index < sizeof modes / sizeof modes[0]; index++) {
        if (strcmp(arguments[1], modes[index].name) || count != modes[index].numbers + 3) continue;
        port = (uint16_t)atoi(arguments[2]);
        uint64_t begin = now();
        modes[index].run(arguments + 3);
        print_result((double)(now() - begin) / 1e9);
        while (holds && getchar() != EOF) {}
        return 0;
    }
    return fprintf(stderr, "usage: loadgen plain|stream|hold|models|plain-count|stream-count PORT NUMBER…\n"), 64;
}
