#pragma once
// SHA256_Init and its kin are deprecated since 3.0 in favour of EVP, which looks its algorithm up and allocates a
// context for each message: several times the work of hashing a key (openssl-fips, migration_guide(7)).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

// The digest of a message as four words, the first byte being the highest of the first; nothing is allocated.
static inline void steelyard_sha256(const void *message, size_t length, uint64_t words[4]) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, message, length);
    SHA256_Final(digest, &context);
    for (int word = 0; word < 4; word++) {
        words[word] = 0;
        for (int byte = 0; byte < 8; byte++) words[word] = words[word] << 8 | digest[word * 8 + byte];
    }
    OPENSSL_cleanse(&context, sizeof context);
}
