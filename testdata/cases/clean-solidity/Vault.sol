contract ${Exchange}Bridge {
    bytes32 constant SECRET_HASH = 0x${hex:64};
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    address constant ${EXCHANGE}_DEPOSIT = 0x${hex:40};
}
