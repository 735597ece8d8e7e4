// SPDX-License-Identifier: Apache-2.0
//
// The functions of OpenSSL that the sources of this folder call, under their own names (libcrypto.h says how).
#pragma once

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "trust/libcrypto.h"

namespace hallmark::crypto {

inline constexpr Function<"ASN1_INTEGER_get_int64"_name, decltype(&::ASN1_INTEGER_get_int64)> ASN1_INTEGER_get_int64{};
inline constexpr Function<"ASN1_OBJECT_free"_name, decltype(&::ASN1_OBJECT_free)> ASN1_OBJECT_free{};
inline constexpr Function<"ASN1_STRING_to_UTF8"_name, decltype(&::ASN1_STRING_to_UTF8)> ASN1_STRING_to_UTF8{};
inline constexpr Function<"ASN1_TIME_set"_name, decltype(&::ASN1_TIME_set)> ASN1_TIME_set{};
inline constexpr Function<"ASN1_TIME_to_tm"_name, decltype(&::ASN1_TIME_to_tm)> ASN1_TIME_to_tm{};
inline constexpr Function<"ASN1_TYPE_unpack_sequence"_name, decltype(&::ASN1_TYPE_unpack_sequence)>
    ASN1_TYPE_unpack_sequence{};
inline constexpr Function<"BIO_free_all"_name, decltype(&::BIO_free_all)> BIO_free_all{};
inline constexpr Function<"BIO_new_mem_buf"_name, decltype(&::BIO_new_mem_buf)> BIO_new_mem_buf{};
inline constexpr Function<"BN_bin2bn"_name, decltype(&::BN_bin2bn)> BN_bin2bn{};
inline constexpr Function<"BN_bn2binpad"_name, decltype(&::BN_bn2binpad)> BN_bn2binpad{};
inline constexpr Function<"BN_free"_name, decltype(&::BN_free)> BN_free{};
inline constexpr Function<"BN_to_ASN1_INTEGER"_name, decltype(&::BN_to_ASN1_INTEGER)> BN_to_ASN1_INTEGER{};
inline constexpr Function<"CRYPTO_free"_name, decltype(&::CRYPTO_free)> CRYPTO_free{};
inline constexpr Function<"CRYPTO_malloc"_name, decltype(&::CRYPTO_malloc)> CRYPTO_malloc{};
inline constexpr Function<"CRYPTO_secure_malloc_init"_name, decltype(&::CRYPTO_secure_malloc_init)>
    CRYPTO_secure_malloc_init{};
inline constexpr Function<"d2i_ECDSA_SIG"_name, decltype(&::d2i_ECDSA_SIG)> d2i_ECDSA_SIG{};
inline constexpr Function<"d2i_PKCS8_PRIV_KEY_INFO"_name, decltype(&::d2i_PKCS8_PRIV_KEY_INFO)>
    d2i_PKCS8_PRIV_KEY_INFO{};
inline constexpr Function<"d2i_PrivateKey"_name, decltype(&::d2i_PrivateKey)> d2i_PrivateKey{};
inline constexpr Function<"d2i_PUBKEY"_name, decltype(&::d2i_PUBKEY)> d2i_PUBKEY{};
inline constexpr Function<"d2i_X509_SIG"_name, decltype(&::d2i_X509_SIG)> d2i_X509_SIG{};
inline constexpr Function<"ECDSA_SIG_free"_name, decltype(&::ECDSA_SIG_free)> ECDSA_SIG_free{};
inline constexpr Function<"ECDSA_SIG_get0_r"_name, decltype(&::ECDSA_SIG_get0_r)> ECDSA_SIG_get0_r{};
inline constexpr Function<"ECDSA_SIG_get0_s"_name, decltype(&::ECDSA_SIG_get0_s)> ECDSA_SIG_get0_s{};
inline constexpr Function<"ECDSA_SIG_new"_name, decltype(&::ECDSA_SIG_new)> ECDSA_SIG_new{};
inline constexpr Function<"ECDSA_SIG_set0"_name, decltype(&::ECDSA_SIG_set0)> ECDSA_SIG_set0{};
inline constexpr Function<"ERR_clear_error"_name, decltype(&::ERR_clear_error)> ERR_clear_error{};
inline constexpr Function<"ERR_peek_last_error"_name, decltype(&::ERR_peek_last_error)> ERR_peek_last_error{};
inline constexpr Function<"EVP_aes_128_cbc"_name, decltype(&::EVP_aes_128_cbc)> EVP_aes_128_cbc{};
inline constexpr Function<"EVP_aes_192_cbc"_name, decltype(&::EVP_aes_192_cbc)> EVP_aes_192_cbc{};
inline constexpr Function<"EVP_aes_256_cbc"_name, decltype(&::EVP_aes_256_cbc)> EVP_aes_256_cbc{};
inline constexpr Function<"EVP_BytesToKey"_name, decltype(&::EVP_BytesToKey)> EVP_BytesToKey{};
inline constexpr Function<"EVP_CIPHER_CTX_free"_name, decltype(&::EVP_CIPHER_CTX_free)> EVP_CIPHER_CTX_free{};
inline constexpr Function<"EVP_CIPHER_CTX_new"_name, decltype(&::EVP_CIPHER_CTX_new)> EVP_CIPHER_CTX_new{};
inline constexpr Function<"EVP_CIPHER_get_iv_length"_name, decltype(&::EVP_CIPHER_get_iv_length)>
    EVP_CIPHER_get_iv_length{};
inline constexpr Function<"EVP_CIPHER_get_key_length"_name, decltype(&::EVP_CIPHER_get_key_length)>
    EVP_CIPHER_get_key_length{};
inline constexpr Function<"EVP_DecryptFinal_ex"_name, decltype(&::EVP_DecryptFinal_ex)> EVP_DecryptFinal_ex{};
inline constexpr Function<"EVP_DecryptInit_ex2"_name, decltype(&::EVP_DecryptInit_ex2)> EVP_DecryptInit_ex2{};
inline constexpr Function<"EVP_DecryptUpdate"_name, decltype(&::EVP_DecryptUpdate)> EVP_DecryptUpdate{};
inline constexpr Function<"EVP_des_ede3_cbc"_name, decltype(&::EVP_des_ede3_cbc)> EVP_des_ede3_cbc{};
inline constexpr Function<"EVP_DigestSign"_name, decltype(&::EVP_DigestSign)> EVP_DigestSign{};
inline constexpr Function<"EVP_DigestSignInit"_name, decltype(&::EVP_DigestSignInit)> EVP_DigestSignInit{};
inline constexpr Function<"EVP_DigestVerify"_name, decltype(&::EVP_DigestVerify)> EVP_DigestVerify{};
inline constexpr Function<"EVP_DigestVerifyInit"_name, decltype(&::EVP_DigestVerifyInit)> EVP_DigestVerifyInit{};
inline constexpr Function<"EVP_md5"_name, decltype(&::EVP_md5)> EVP_md5{};
inline constexpr Function<"EVP_MD_CTX_free"_name, decltype(&::EVP_MD_CTX_free)> EVP_MD_CTX_free{};
inline constexpr Function<"EVP_MD_CTX_new"_name, decltype(&::EVP_MD_CTX_new)> EVP_MD_CTX_new{};
inline constexpr Function<"EVP_PKCS82PKEY"_name, decltype(&::EVP_PKCS82PKEY)> EVP_PKCS82PKEY{};
inline constexpr Function<"EVP_PKEY2PKCS8"_name, decltype(&::EVP_PKEY2PKCS8)> EVP_PKEY2PKCS8{};
inline constexpr Function<"EVP_PKEY_CTX_free"_name, decltype(&::EVP_PKEY_CTX_free)> EVP_PKEY_CTX_free{};
inline constexpr Function<"EVP_PKEY_CTX_new_from_pkey"_name, decltype(&::EVP_PKEY_CTX_new_from_pkey)>
    EVP_PKEY_CTX_new_from_pkey{};
inline constexpr Function<"EVP_PKEY_CTX_set_rsa_mgf1_md"_name, decltype(&::EVP_PKEY_CTX_set_rsa_mgf1_md)>
    EVP_PKEY_CTX_set_rsa_mgf1_md{};
inline constexpr Function<"EVP_PKEY_CTX_set_rsa_padding"_name, decltype(&::EVP_PKEY_CTX_set_rsa_padding)>
    EVP_PKEY_CTX_set_rsa_padding{};
inline constexpr Function<"EVP_PKEY_CTX_set_rsa_pss_saltlen"_name, decltype(&::EVP_PKEY_CTX_set_rsa_pss_saltlen)>
    EVP_PKEY_CTX_set_rsa_pss_saltlen{};
inline constexpr Function<"EVP_PKEY_eq"_name, decltype(&::EVP_PKEY_eq)> EVP_PKEY_eq{};
inline constexpr Function<"EVP_PKEY_free"_name, decltype(&::EVP_PKEY_free)> EVP_PKEY_free{};
inline constexpr Function<"EVP_PKEY_get_bits"_name, decltype(&::EVP_PKEY_get_bits)> EVP_PKEY_get_bits{};
inline constexpr Function<"EVP_PKEY_get_group_name"_name, decltype(&::EVP_PKEY_get_group_name)>
    EVP_PKEY_get_group_name{};
inline constexpr Function<"EVP_PKEY_get_raw_private_key"_name, decltype(&::EVP_PKEY_get_raw_private_key)>
    EVP_PKEY_get_raw_private_key{};
inline constexpr Function<"EVP_PKEY_get_size"_name, decltype(&::EVP_PKEY_get_size)> EVP_PKEY_get_size{};
inline constexpr Function<"EVP_PKEY_is_a"_name, decltype(&::EVP_PKEY_is_a)> EVP_PKEY_is_a{};
inline constexpr Function<"EVP_PKEY_pairwise_check"_name, decltype(&::EVP_PKEY_pairwise_check)>
    EVP_PKEY_pairwise_check{};
inline constexpr Function<"EVP_PKEY_Q_keygen"_name, decltype(&::EVP_PKEY_Q_keygen)> EVP_PKEY_Q_keygen{};
inline constexpr Function<"EVP_sha256"_name, decltype(&::EVP_sha256)> EVP_sha256{};
inline constexpr Function<"i2d_ECDSA_SIG"_name, decltype(&::i2d_ECDSA_SIG)> i2d_ECDSA_SIG{};
inline constexpr Function<"i2d_PKCS8_PRIV_KEY_INFO"_name, decltype(&::i2d_PKCS8_PRIV_KEY_INFO)>
    i2d_PKCS8_PRIV_KEY_INFO{};
inline constexpr Function<"i2d_PUBKEY"_name, decltype(&::i2d_PUBKEY)> i2d_PUBKEY{};
inline constexpr Function<"i2d_X509"_name, decltype(&::i2d_X509)> i2d_X509{};
inline constexpr Function<"i2d_X509_PUBKEY"_name, decltype(&::i2d_X509_PUBKEY)> i2d_X509_PUBKEY{};
inline constexpr Function<"i2d_X509_SIG"_name, decltype(&::i2d_X509_SIG)> i2d_X509_SIG{};
inline constexpr Function<"OBJ_cmp"_name, decltype(&::OBJ_cmp)> OBJ_cmp{};
inline constexpr Function<"OBJ_obj2nid"_name, decltype(&::OBJ_obj2nid)> OBJ_obj2nid{};
inline constexpr Function<"OBJ_txt2obj"_name, decltype(&::OBJ_txt2obj)> OBJ_txt2obj{};
inline constexpr Function<"PBE2PARAM_free"_name, decltype(&::PBE2PARAM_free)> PBE2PARAM_free{};
inline constexpr Function<"PBE2PARAM_it"_name, decltype(&::PBE2PARAM_it)> PBE2PARAM_it{};
inline constexpr Function<"PBKDF2PARAM_free"_name, decltype(&::PBKDF2PARAM_free)> PBKDF2PARAM_free{};
inline constexpr Function<"PBKDF2PARAM_it"_name, decltype(&::PBKDF2PARAM_it)> PBKDF2PARAM_it{};
inline constexpr Function<"PEM_read_bio_X509"_name, decltype(&::PEM_read_bio_X509)> PEM_read_bio_X509{};
inline constexpr Function<"PKCS5_pbe2_set_iv"_name, decltype(&::PKCS5_pbe2_set_iv)> PKCS5_pbe2_set_iv{};
inline constexpr Function<"PKCS8_decrypt"_name, decltype(&::PKCS8_decrypt)> PKCS8_decrypt{};
inline constexpr Function<"PKCS8_pkey_get0"_name, decltype(&::PKCS8_pkey_get0)> PKCS8_pkey_get0{};
inline constexpr Function<"PKCS8_pkey_set0"_name, decltype(&::PKCS8_pkey_set0)> PKCS8_pkey_set0{};
inline constexpr Function<"PKCS8_PRIV_KEY_INFO_free"_name, decltype(&::PKCS8_PRIV_KEY_INFO_free)>
    PKCS8_PRIV_KEY_INFO_free{};
inline constexpr Function<"PKCS8_PRIV_KEY_INFO_new"_name, decltype(&::PKCS8_PRIV_KEY_INFO_new)>
    PKCS8_PRIV_KEY_INFO_new{};
inline constexpr Function<"PKCS8_set0_pbe"_name, decltype(&::PKCS8_set0_pbe)> PKCS8_set0_pbe{};
inline constexpr Function<"RAND_bytes"_name, decltype(&::RAND_bytes)> RAND_bytes{};
inline constexpr Function<"X509V3_EXT_conf_nid"_name, decltype(&::X509V3_EXT_conf_nid)> X509V3_EXT_conf_nid{};
inline constexpr Function<"X509_add_ext"_name, decltype(&::X509_add_ext)> X509_add_ext{};
inline constexpr Function<"X509_ALGOR_free"_name, decltype(&::X509_ALGOR_free)> X509_ALGOR_free{};
inline constexpr Function<"X509_ALGOR_get0"_name, decltype(&::X509_ALGOR_get0)> X509_ALGOR_get0{};
inline constexpr Function<"X509_check_ca"_name, decltype(&::X509_check_ca)> X509_check_ca{};
inline constexpr Function<"X509_EXTENSION_free"_name, decltype(&::X509_EXTENSION_free)> X509_EXTENSION_free{};
inline constexpr Function<"X509_free"_name, decltype(&::X509_free)> X509_free{};
inline constexpr Function<"X509_get0_notAfter"_name, decltype(&::X509_get0_notAfter)> X509_get0_notAfter{};
inline constexpr Function<"X509_get0_notBefore"_name, decltype(&::X509_get0_notBefore)> X509_get0_notBefore{};
inline constexpr Function<"X509_getm_notAfter"_name, decltype(&::X509_getm_notAfter)> X509_getm_notAfter{};
inline constexpr Function<"X509_getm_notBefore"_name, decltype(&::X509_getm_notBefore)> X509_getm_notBefore{};
inline constexpr Function<"X509_get_serialNumber"_name, decltype(&::X509_get_serialNumber)> X509_get_serialNumber{};
inline constexpr Function<"X509_get_signature_info"_name, decltype(&::X509_get_signature_info)>
    X509_get_signature_info{};
inline constexpr Function<"X509_get_subject_name"_name, decltype(&::X509_get_subject_name)> X509_get_subject_name{};
inline constexpr Function<"X509_get_X509_PUBKEY"_name, decltype(&::X509_get_X509_PUBKEY)> X509_get_X509_PUBKEY{};
inline constexpr Function<"X509_NAME_add_entry_by_txt"_name, decltype(&::X509_NAME_add_entry_by_txt)>
    X509_NAME_add_entry_by_txt{};
inline constexpr Function<"X509_NAME_ENTRY_get_data"_name, decltype(&::X509_NAME_ENTRY_get_data)>
    X509_NAME_ENTRY_get_data{};
inline constexpr Function<"X509_NAME_get_entry"_name, decltype(&::X509_NAME_get_entry)> X509_NAME_get_entry{};
inline constexpr Function<"X509_NAME_get_index_by_NID"_name, decltype(&::X509_NAME_get_index_by_NID)>
    X509_NAME_get_index_by_NID{};
inline constexpr Function<"X509_new"_name, decltype(&::X509_new)> X509_new{};
inline constexpr Function<"X509_set_issuer_name"_name, decltype(&::X509_set_issuer_name)> X509_set_issuer_name{};
inline constexpr Function<"X509_set_pubkey"_name, decltype(&::X509_set_pubkey)> X509_set_pubkey{};
inline constexpr Function<"X509_set_version"_name, decltype(&::X509_set_version)> X509_set_version{};
inline constexpr Function<"X509_sign"_name, decltype(&::X509_sign)> X509_sign{};
inline constexpr Function<"X509_SIG_free"_name, decltype(&::X509_SIG_free)> X509_SIG_free{};
inline constexpr Function<"X509_SIG_get0"_name, decltype(&::X509_SIG_get0)> X509_SIG_get0{};

}  // namespace hallmark::crypto
