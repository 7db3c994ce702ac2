#ifndef STEELYARD_CCURL_SHIM_H
#define STEELYARD_CCURL_SHIM_H

// The type checks are macros around the variadic functions; the wrappers below have real types.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

// Swift cannot call variadic functions: one wrapper per argument type libcurl documents.

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_data(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

// The newest form of the version record this header knows; a macro around an enumerator.
static inline const curl_version_info_data *ccurl_version(void) { return curl_version_info(CURLVERSION_NOW); }

// A macro built with `|`.
static const long ccurl_global_default = CURL_GLOBAL_DEFAULT;

// The callback is set together with its context, so that neither can be forgotten.
static inline void ccurl_on_open_socket(CURL *easy, curl_opensocket_callback function, void *context) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
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

// `CURLMOPT_QUICK_EXIT` of 8.20.0, by its number: older headers do not have it, and older libraries refuse it.
static inline void ccurl_multi_set_quick_exit(CURLM *multi, long value) {
    curl_multi_setopt(multi, (CURLMoption)(CURLOPTTYPE_LONG + 21), value);
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

#endif
