#ifndef STEELYARD_CCURL_SHIM_H
#define STEELYARD_CCURL_SHIM_H

// The type checks are macros around the variadic functions; the wrappers below have real types.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Swift cannot call variadic functions: one wrapper per argument type libcurl documents.

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_data(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, const struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// The newest form of the version record this header knows; a macro around an enumerator.
static inline const curl_version_info_data *ccurl_version(void) { return curl_version_info(CURLVERSION_NOW); }

// A macro built with `|`.
static const long ccurl_global_default = CURL_GLOBAL_DEFAULT;

// Each callback is set together with its context, so that neither can be forgotten.

static inline void ccurl_on_body(CURL *easy, curl_write_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline void ccurl_on_header(CURL *easy, curl_write_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

static inline void ccurl_on_read(CURL *easy, curl_read_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_READDATA, context);
}

static inline void ccurl_on_seek(CURL *easy, curl_seek_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
}

static inline void ccurl_on_departure(CURL *easy, curl_prereq_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

static inline void ccurl_on_open_socket(CURL *easy, curl_opensocket_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
}

static inline void ccurl_on_close_socket(CURL *easy, curl_closesocket_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
}

// The handle's owner, given back by `ccurl_owner`.
static inline void ccurl_set_owner(CURL *easy, void *owner) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
}

static inline void *ccurl_owner(CURL *easy) {
    char *owner = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
    return owner;
}

// The socket of a connection that was opened with `CURLOPT_CONNECT_ONLY`; −1 for none.
static inline curl_socket_t ccurl_active_socket(CURL *easy) {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &descriptor);
    return descriptor;
}

// The status with which a proxy answered CONNECT; 0 for none.
static inline long ccurl_connect_status(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status;
}

// The errno of the last failed connect; 0 for none.
static inline int ccurl_system_error(CURL *easy) {
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &code);
    return (int)code;
}

static inline curl_off_t ccurl_sent_bytes(CURL *easy) {
    curl_off_t sent = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return sent;
}

static inline void ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    curl_multi_setopt(multi, option, value);
}

// `CURLMOPT_QUICK_EXIT` of 8.20.0, by its number: older headers do not have it, and older libraries refuse it.
static inline void ccurl_multi_set_quick_exit(CURLM *multi, long value) {
    curl_multi_setopt(multi, (CURLMoption)(CURLOPTTYPE_LONG + 21), value);
}

static inline void ccurl_multi_on_socket(CURLM *multi, curl_socket_callback function, void *context) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline void ccurl_multi_on_timer(CURLM *multi, curl_multi_timer_callback function, void *context) {
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// Takes the next finished transfer out of the multi handle; NULL when there is none. The message itself has a union,
// which Swift does not import safely.
static inline CURL *ccurl_multi_next_finished(CURLM *multi, CURLcode *result) {
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

// epoll is not in Swift's Glibc module; its event has a union, hence the tag as an argument.

static inline int ccurl_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t tag) {
    struct epoll_event event = {.events = events, .data = {.u64 = tag}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

static inline uint64_t ccurl_epoll_tag(const struct epoll_event *event) { return event->data.u64; }

static const uint32_t ccurl_epoll_in = EPOLLIN;
static const uint32_t ccurl_epoll_out = EPOLLOUT;
static const uint32_t ccurl_epoll_failed = EPOLLERR | EPOLLHUP;
static const uint32_t ccurl_epoll_edge = EPOLLET;

static inline int ccurl_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// A socket that is connected to nothing.
static inline int ccurl_inert_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

// Declared for `_GNU_SOURCE` only, which Swift's importer does not define.
int dup3(int descriptor, int target, int flags);

// Makes `target` mean the same as `descriptor`; what it meant before is closed.
static inline int ccurl_replace(int target, int descriptor) { return dup3(descriptor, target, O_CLOEXEC); }

// Declared for `_GNU_SOURCE` only, like `dup3`.
int pthread_setname_np(pthread_t thread, const char *name);

static inline void ccurl_name_thread(pthread_t thread, const char *name) { pthread_setname_np(thread, name); }

static inline int ccurl_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

#endif
