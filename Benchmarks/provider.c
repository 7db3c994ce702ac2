// A mock of a provider, to measure a proxy in front of it: plain chat completions and paced event streams over HTTP/1.1
// keep-alive. One thread, epoll, prepared answers: it must cost far less than a proxy.
//
//     provider PORT          answers on 127.0.0.1:PORT until it is killed
//
// A body with `"stream":true` is answered by a stream of 50 events 20 ms apart; the header `x-bench-stream: N/MS` asks
// for N events MS milliseconds apart, and `N/0` for N events at once and then silence. Usage is streamed as OpenAI does
// it: only on request, as `"usage":null` on every chunk and an extra chunk before `[DONE]`. A plain answer names the
// model that was asked for with a date behind it, as OpenAI names snapshots. It has 645 bytes, or 16 KiB when the body
// of the request is large.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_REQUEST = 64 * 1024, MAX_CONNECTIONS = 16384, MAX_BATCH = 256 };
enum { LARGE_REQUEST = 8 * 1024, LARGE_ANSWER = 16 * 1024, SENTENCE_BYTES = 128 };

struct connection {
    int descriptor;
    size_t used;
    size_t capacity;
    char *request;
    // The stream being sent: events still to come (0: none), what the next one is, and when it is due.
    int events_left;
    bool is_first, shows_usage, is_listed;
    uint64_t interval, due;
    TAILQ_ENTRY(connection) link;
};

// Streams by due time. All streams of a run have the same interval, so appending keeps the order.
static TAILQ_HEAD(, connection) streams = TAILQ_HEAD_INITIALIZER(streams);
static struct connection connections[MAX_CONNECTIONS];
static int poller;
static char plain_answer[LARGE_ANSWER + 4096], plain_model[64];
static size_t plain_answer_length;
static bool is_plain_answer_large;

// The header fields of OpenAI's answers, without framing and type.
#define FIELDS                                                                                                        \
    "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"                                                                         \
    "openai-organization: bench\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n"                        \
    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 2000000\r\n"                                      \
    "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 1999000\r\n"                               \
    "x-ratelimit-reset-requests: 6ms\r\nx-ratelimit-reset-tokens: 30ms\r\n"                                           \
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\n"

// The first `%s` is the model, the second more content.
static const char plain_body[] =
    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1767225600,"
    "\"model\":\"%s-2025-04-14\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"A steelyard is a beam with arms of unequal length: goods hang from the short arm, and a small weight "
    "slides along the long one until both balance, so one weight measures many.%s\",\"refusal\":null,"
    "\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":211,\"completion_tokens\":42,\"total_tokens\":253,"
    "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
    "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0}},\"service_tier\":\"default\"}";

static const char stream_head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
                                  "transfer-encoding: chunked\r\n" FIELDS "\r\n";

#define CHUNK                                                                                                         \
    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,"                   \
    "\"model\":\"gpt-4.1-mini-2025-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\","
#define FIRST CHUNK "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
#define NEXT CHUNK "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" balance\"},"
#define LAST CHUNK "\"choices\":[{\"index\":0,\"delta\":{},"
#define USAGE                                                                                                         \
    CHUNK "\"choices\":[],\"usage\":{\"prompt_tokens\":211,\"completion_tokens\":48,\"total_tokens\":259}}\n\n"
#define GOES_ON "\"logprobs\":null,\"finish_reason\":null}]"
#define STOPS "\"logprobs\":null,\"finish_reason\":\"stop\"}]"
#define NULL_USAGE ",\"usage\":null"
#define END "}\n\n"

// Every event a stream can hold, by [what][whether usage was asked for].
static const char *const first_event[] = {FIRST GOES_ON END, FIRST GOES_ON NULL_USAGE END};
static const char *const next_event[] = {NEXT GOES_ON END, NEXT GOES_ON NULL_USAGE END};
static const char *const last_event[] = {LAST STOPS END, LAST STOPS NULL_USAGE END};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void drop(struct connection *connection) {
    if (connection->is_listed) TAILQ_REMOVE(&streams, connection, link);
    close(connection->descriptor);
    free(connection->request);
    *connection = (struct connection){0};
}

// Answers are far smaller than a loopback socket's buffer; a client that lets it fill up is not measured, but dropped.
static bool put(struct connection *connection, const char *bytes, size_t length) {
    if (send(connection->descriptor, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length) return true;
    drop(connection);
    return false;
}

static size_t append_event(char *target, const char *event) {
    return (size_t)sprintf(target, "%zx\r\n%s\r\n", strlen(event), event);
}

static const char *event_of(const struct connection *connection) {
    if (connection->is_first) return first_event[connection->shows_usage];
    return (connection->events_left == 1 ? last_event : next_event)[connection->shows_usage];
}

// Sends the next event; the last one together with everything that ends the stream, as does a stream of no events.
// False when the client has left.
static bool send_event(struct connection *connection) {
    char text[4096];
    size_t length = connection->events_left > 0 ? append_event(text, event_of(connection)) : 0;
    bool is_last = connection->events_left <= 1 && connection->interval > 0;
    if (is_last) {
        if (connection->shows_usage) length += append_event(text + length, USAGE);
        length += append_event(text + length, "data: [DONE]\n\n");
        length += (size_t)sprintf(text + length, "0\r\n\r\n");
    }
    connection->is_first = false;
    if (connection->events_left > 0) connection->events_left--;
    return put(connection, text, length);
}

static void list(struct connection *connection, uint64_t due) {
    connection->due = due;
    connection->is_listed = true;
    TAILQ_INSERT_TAIL(&streams, connection, link);
}

static void begin_stream(struct connection *connection, const char *wish, bool shows_usage) {
    int events = 50;
    double milliseconds = 20;
    if (wish) sscanf(wish, "%d/%lf", &events, &milliseconds);
    connection->events_left = events;
    connection->interval = (uint64_t)(milliseconds * 1e6);
    connection->shows_usage = shows_usage;
    connection->is_first = true;
    if (!put(connection, stream_head, sizeof stream_head - 1)) return;
    if (connection->interval > 0) return list(connection, now());
    while (connection->events_left > 0 && send_event(connection)) {}
}

static uint64_t send_due_events(void) {
    uint64_t instant = now();
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&streams)) && connection->due <= instant) {
        TAILQ_REMOVE(&streams, connection, link);
        connection->is_listed = false;
        if (send_event(connection) && connection->events_left > 0)
            list(connection, connection->due + connection->interval);
    }
    return connection ? connection->due - instant : UINT64_MAX;
}

static const char *field(const char *head, const char *name) {
    const char *line = strcasestr(head, name);
    return line ? line + strlen(name) : NULL;
}

// Fills `target` with sentences on lines of their own.
static void write_sentences(char *target, size_t length) {
    static const char sentence[] = "The weight stays the same; only its distance from the pivot is read. ";
    for (size_t index = 0; index < length; index++) target[index] = sentence[index % (sizeof sentence - 1)];
    for (size_t index = 0; index + 2 <= length; index += SENTENCE_BYTES) memcpy(target + index, "\\n", 2);
    target[length] = 0;
}

// Makes the plain answer for the model that the body asks for, which is nearly always the one it was made for before.
static void write_plain_answer(const char *body, size_t length) {
    static char text[LARGE_ANSWER + 1], more[LARGE_ANSWER + 1];
    char model[sizeof plain_model] = "none";
    bool is_large = length >= LARGE_REQUEST;
    const char *member = memmem(body, length, "\"model\":\"", 9);
    if (member) sscanf(member + 9, "%63[^\"]", model);
    if (!strcmp(model, plain_model) && is_large == is_plain_answer_large) return;
    strcpy(plain_model, model);
    is_plain_answer_large = is_large;
    int text_length = snprintf(text, sizeof text, plain_body, model, "");
    write_sentences(more, is_large ? LARGE_ANSWER - (size_t)text_length : 0);
    text_length = snprintf(text, sizeof text, plain_body, model, more);
    plain_answer_length = (size_t)snprintf(
        plain_answer, sizeof plain_answer,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" FIELDS "\r\n%s", text_length,
        text);
}

// Answers the request at the start of the buffer if it is whole; false when it is not, or the client has left.
static bool answer_one(struct connection *connection) {
    connection->request[connection->used] = 0;
    char *head_end = strstr(connection->request, "\r\n\r\n");
    if (!head_end) return false;
    *head_end = 0;
    const char *announced = field(connection->request, "\r\ncontent-length:");
    const char *wish = field(connection->request, "\r\nx-bench-stream:");
    char *body = head_end + 4;
    size_t body_length = announced ? strtoul(announced, NULL, 10) : 0;
    size_t length = (size_t)(body - connection->request) + body_length;
    if (connection->used < length) {
        *head_end = '\r';
        return false;
    }
    bool is_stream = memmem(body, body_length, "\"stream\":true", 13);
    if (is_stream) {
        begin_stream(connection, wish, memmem(body, body_length, "\"include_usage\":true", 20));
    } else {
        write_plain_answer(body, body_length);
        put(connection, plain_answer, plain_answer_length);
    }
    if (!connection->request) return false;
    memmove(connection->request, connection->request + length, connection->used - length);
    connection->used -= length;
    return connection->used > 0;
}

static void receive(struct connection *connection) {
    if (connection->capacity - connection->used < 2) return drop(connection);
    size_t room = connection->capacity - connection->used - 1;
    ssize_t count = recv(connection->descriptor, connection->request + connection->used, room, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return drop(connection);
    connection->used += (size_t)count;
    while (answer_one(connection)) {}
}

static void accept_all(int listener) {
    int descriptor, on = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (descriptor >= MAX_CONNECTIONS) {
            close(descriptor);
            continue;
        }
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *connection = &connections[descriptor];
        *connection = (struct connection){.descriptor = descriptor, .capacity = MAX_REQUEST};
        connection->request = malloc(MAX_REQUEST);
        if (!connection->request) abort();
        struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
    }
}

static int listen_on(uint16_t port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("provider");
        exit(1);
    }
    return listener;
}

int main(int count, char **arguments) {
    if (count != 2) return fprintf(stderr, "usage: provider PORT\n"), 64;
    int listener = listen_on((uint16_t)atoi(arguments[1]));
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ready[MAX_BATCH], listening = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &listening);
    for (;;) {
        uint64_t wait = send_due_events();
        struct timespec timeout = {.tv_sec = (time_t)(wait / 1000000000u), .tv_nsec = (long)(wait % 1000000000u)};
        int found = epoll_pwait2(poller, ready, MAX_BATCH, wait == UINT64_MAX ? NULL : &timeout, NULL);
        for (int index = 0; index < found; index++) {
            if (ready[index].data.fd == listener) accept_all(listener);
            else if (connections[ready[index].data.fd].request) receive(&connections[ready[index].data.fd]);
        }
    }
}
